import { readInfo } from '../call/info-digit.ts';
import { chooseChallenge } from '../digest/digest-challenge.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { parseMessage } from '../message/parse-message.ts';
import { ResponseTemplate, responseDestination } from '../message/response-template.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { isLooseRoute, parseSipUri } from '../message/sip-uri.ts';
import { parseVia } from '../message/via.ts';
import { hopOf, udpHop } from '../transport/hop.ts';

const lists = ['via', 'contact', 'route', 'record-route', 'allow', 'require', 'supported', 'www-authenticate'] as const;
const source = { ...udpHop({ address: '10.0.0.9', port: 5060 }), connectionId: null };

/** Reads a datagram as far as anything in the library reads one, and writes the response to it; the response, null when there is none. */
export function readEverything(datagram: Buffer): Buffer | null {
  const parsed = parseMessage(datagram);
  if (parsed === null) return null;
  const { message } = parsed;
  readHeaders(message);
  if (message.via === null) return null;
  responseDestination(message.via, source);
  const fields = { status: 200, reason: 'OK', toTag: 't', lines: '', contentType: null, body: '' };
  return new ResponseTemplate(message, source).write(fields);
}

function readHeaders(message: SipMessage): void {
  for (const name of lists) {
    for (const value of message.list(name).slice(0, 50)) {
      const uri = parseNameAddr(value)?.uri ?? value;
      parseVia(value);
      parseSipUri(uri);
      isLooseRoute(uri);
      hopOf(uri, source);
      chooseChallenge([value]);
    }
  }
  for (const name of ['from', 'to'] as const) parseNameAddr(message.header(name) ?? '');
  for (const name of ['www-authenticate', 'proxy-authenticate']) chooseChallenge(message.lines(name));
  readInfo(message.header('content-type') ?? '', message.body);
  parseSipUri(message.uri);
  void [message.fromTag, message.toTag, message.cseq, message.branch, message.callId, message.hasFurtherVias];
}
