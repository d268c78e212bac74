/** Everything a request is made of, as wire text. Kept by a transaction, because the ACK to a refusal repeats parts of it. */
export type RequestFields = {
  readonly method: string;
  readonly uri: string;
  /** The branch of our Via. */
  readonly branch: string;
  /** Whole Route values, in order. */
  readonly routes: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
  /** Further header lines, each with its CRLF. */
  readonly lines: string;
  /** null: no body. */
  readonly contentType: string | null;
  readonly body: string;
};

/** Writes a request (RFC 3261 section 8.1.1; `rport`: RFC 3581 section 3). `via` is the start of our Via, e.g. `SIP/2.0/UDP host:port`. */
export function writeRequest(fields: RequestFields, via: string): Buffer {
  let route = '';
  for (const value of fields.routes) route += `Route: ${value}\r\n`;
  const text =
    `${fields.method} ${fields.uri} SIP/2.0\r\nVia: ${via};branch=${fields.branch};rport\r\n` +
    `Max-Forwards: 70\r\n${route}From: ${fields.from}\r\nTo: ${fields.to}\r\nCall-ID: ${fields.callId}\r\n` +
    `CSeq: ${fields.cseq} ${fields.method}\r\n${fields.lines}${writeBody(fields.contentType, fields.body)}`;
  return Buffer.from(text, 'latin1');
}

/** Content headers, the empty line and the body. */
export function writeBody(contentType: string | null, body: string): string {
  if (contentType === null || body === '') return 'Content-Length: 0\r\n\r\n';
  return `Content-Type: ${contentType}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** The ACK to a final response of 300 or more (section 17.1.1.3): the INVITE's branch, the response's To. */
export function ackForRefusal(invite: RequestFields, to: string): RequestFields {
  return { ...invite, method: 'ACK', to, lines: '', contentType: null, body: '' };
}

/** The CANCEL of a request (section 9.1): same branch, same CSeq number, no credentials. */
export function cancelOf(invite: RequestFields, lines: string): RequestFields {
  return { ...invite, method: 'CANCEL', lines, contentType: null, body: '' };
}
