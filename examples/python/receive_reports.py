#!/usr/bin/env python3
"""Receives status reports, believes only those that are signed, and shows each.

    PORT=8000 REPORT_SECRET=... python3 receive_reports.py

The secret is the app's. Needs nothing but Python.
"""

import hashlib
import hmac
import json
import os
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(os.environ.get("PORT", "8000"))
SECRET = os.environ.get("REPORT_SECRET", "").encode()
TOLERANCE_S = 300


def is_signed(header, body):
    """`t=<Unix seconds>,v1=<hex>`: HMAC-SHA256 of the time, a dot and the body as it came. There may be several v1."""
    found = re.fullmatch(r"t=([0-9]{1,12})((?:,\s*v1=[0-9a-fA-F]{64})+)", header or "")
    if found is None or abs(time.time() - int(found[1])) > TOLERANCE_S:
        return False
    right = hmac.new(SECRET, found[1].encode() + b"." + body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(right, given.lower()) for given in re.findall(r"v1=(\w+)", found[2]))


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not is_signed(self.headers.get("Carillon-Signature"), body):
            return self.answer(400)
        reports = json.loads(body)
        # One report, or a list where the app is set to batches. The same report may come again: voiceId tells.
        for report in reports if isinstance(reports, list) else [reports]:
            # One write for each line: reports may come side by side, each in a thread of its own.
            sys.stdout.write(f"report {report['voiceId']} {report['callee']} callStatus {report['callStatus']}\n")
        sys.stdout.flush()
        self.answer(200)

    def answer(self, status):
        # Any 2xx within ten seconds is delivered; anything else comes again later.
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        """Without a line for every request."""


if __name__ == "__main__":
    # Without a secret anybody could sign.
    if not SECRET:
        sys.exit("set REPORT_SECRET")
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Receiver)
    print(f"listening on http://127.0.0.1:{PORT}/", flush=True)
    server.serve_forever()
