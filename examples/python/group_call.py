#!/usr/bin/env python3
"""Uploads a file, calls a list of numbers with it, calls once more whoever was not reached, and shows what came of every call.

    BASE_URL=http://127.0.0.1:8080/v3 API_KEY=... API_SECRET=... APP_ID=... python3 group_call.py hello.wav 99910000001 99910000002

`npm run demo` prints the four values. Needs nothing but Python.
"""

import base64
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path


def setting(name):
    value = os.environ.get(name)
    if not value:
        sys.exit(f"set {name}; npm run demo prints it")
    return value


BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:8080/v3")
API_KEY = setting("API_KEY")
API_SECRET = setting("API_SECRET")
APP_ID = setting("APP_ID")


class Refused(Exception):
    """The platform understood the request and refused it."""


def call(path, body):
    """Posts a signed request and returns `data`. Sign is the MD5 of key, secret and the Unix time in seconds."""
    timestamp = str(int(time.time()))
    request = urllib.request.Request(
        BASE_URL + path,
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json;charset=UTF-8",
            "Api-Key": API_KEY,
            "Timestamp": timestamp,
            "Sign": hashlib.md5((API_KEY + API_SECRET + timestamp).encode()).hexdigest(),
        },
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        answer = json.load(response)
    # Every answer is HTTP 200; the code says whether it worked. It is a number here and a text there.
    if int(answer["code"]) != 0:
        raise Refused(f"{path}: {answer['msg']} (code {answer['code']})")
    return answer["data"]


def upload(file):
    """Stores an audio file and returns its id. No two files of an account have the same name."""
    content = base64.b64encode(Path(file).read_bytes()).decode()
    return call("/voice/fileUpload", {"fileName": f"python-{int(time.time())}.wav", "file": content})


def send(file_id, numbers):
    """Calls the numbers, and those that were not reached once more a minute after the first round; returns the task's id."""
    return call(
        "/voice/group/call/send",
        {
            "appId": APP_ID,
            "taskName": f"python {time.time()}",
            "numberInfoList": [{"calleeNumber": number} for number in numbers],
            "source": 1,
            "voiceFileId": file_id,
            "loopCount": 1,
            "maxCalls": 30,
            "maxRingingTime": 20,
            "hangUpSms": 0,
            "toSeat": 0,
            "recallFlow": {"recallType": 1, "recallInterval": 1, "recallNum": 1, "nodeList": []},
        },
    )


def flow_of(task_id):
    """The recall flow of a task, found by the task's id."""
    params = {"strTime": "2020-01-01 00:00:00", "endTime": "2099-01-01 00:00:00", "taskName": str(task_id)}
    page = call("/voice/recallFlow/queryPage", {"current": 1, "size": 1, "params": params})
    return page["records"][0]["keyId"]


def wait_for(flow_id):
    """Waits until the flow is completed (2), cancelled (3) or broken (4), and returns its detail."""
    while True:
        flow = call("/voice/recallFlow/queryDetail", {"keyId": flow_id})
        if flow["status"] >= 2:
            return flow
        time.sleep(2)


def results_of(task_id):
    """Every callee of a task and what came of it, page by page."""
    current = 1
    while True:
        page = call("/voice/group/call/records", {"current": current, "size": 100, "params": {"taskId": task_id}})
        yield from page["records"]
        if current >= page["pages"]:
            return
        current += 1


def main(file, *numbers):
    file_id = upload(file)
    print(f"file {file_id}")
    task_id = send(file_id, numbers)
    print(f"task {task_id}")
    flow_id = flow_of(task_id)
    print(f"flow {flow_id}")
    flow = wait_for(flow_id)
    print(f"flow {flow_id} status {flow['status']}")
    # Each round that was called has a task of its own.
    tasks = [task_id] + [node["taskId"] for node in flow["nodeList"] if node["taskId"] is not None]
    for number_of_round, task in enumerate(tasks, start=1):
        for result in results_of(task):
            print(f"round {number_of_round}: {result['callee']} callStatus {result['callStatus']}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} FILE NUMBER...")
    try:
        main(*sys.argv[1:])
    except Refused as refusal:
        sys.exit(str(refusal))
    except urllib.error.URLError as error:
        # Whether a send was done that was not answered is told by its taskName in group/call/query: look before it is sent again.
        sys.exit(f"no answer: {error}")
