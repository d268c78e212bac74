import type { TracedMessageEvent, TraceEvent } from '../../src/call/trace.ts';
import type { CallTraceRecord } from '../../src/domain/trace/call-trace-record.ts';

const us = { address: '192.0.2.10', port: 5060 };
const firstCarrier = { address: '198.51.100.1', port: 5060 };
const secondCarrier = { address: '198.51.100.2', port: 5080 };

const offer =
  'v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 20004 RTP/AVP 8 0 101\r\n' +
  'a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n';
const answer =
  'v=0\r\no=- 7 7 IN IP4 198.51.100.9\r\ns=-\r\nc=IN IP4 198.51.100.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\n' +
  'a=rtpmap:101 telephone-event/8000\r\n';

/** A SIP message with the headers that none is without; Content-Length is right. */
export function sipMessage(start: string, options: { cseq: string; lines?: readonly string[]; sdp?: string }): string {
  const { cseq, lines = [], sdp = '' } = options;
  const head = [
    start,
    'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKsample;rport',
    'From: <sip:1008@192.0.2.10>;tag=ours',
    'To: <sip:8613800000001@carrier.example>',
    'Call-ID: 5000001-9-1@192.0.2.10',
    `CSeq: ${cseq}`,
    ...lines,
    ...(sdp === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${sdp.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${sdp}`;
}

type MessageParts = Partial<TracedMessageEvent> & Pick<TracedMessageEvent, 'atUs' | 'direction' | 'text'>;

/** A message between us and the first carrier over UDP, unless the parts say otherwise. */
export function messageEvent(parts: MessageParts): TracedMessageEvent {
  return { type: 'message', transport: 'udp', local: us, remote: firstCarrier, isAgain: false, ...parts };
}

const invite = sipMessage('INVITE sip:8613800000001@carrier.example SIP/2.0', { cseq: '1 INVITE', sdp: offer });
const second = { remote: secondCarrier };

/** A call that one carrier refuses and the other completes. */
const sampleEvents: readonly TraceEvent[] = [
  { type: 'note', atUs: 0, kind: 'call', text: 'task 5000001, callee 9: 8613800000001' },
  { type: 'note', atUs: 20, kind: 'trunk', text: 'attempt 1: trunk 1 (north), shown as 1008' },
  messageEvent({ atUs: 1500, direction: 'sent', text: invite }),
  messageEvent({ atUs: 502_000, direction: 'sent', text: invite, isAgain: true }),
  messageEvent({
    atUs: 510_250,
    direction: 'received',
    text: sipMessage('SIP/2.0 503 Service Unavailable', { cseq: '1 INVITE', lines: ['Retry-After: 120'] }),
  }),
  messageEvent({
    atUs: 510_400,
    direction: 'sent',
    text: sipMessage('ACK sip:8613800000001@carrier.example SIP/2.0', { cseq: '1 ACK' }),
  }),
  { type: 'note', atUs: 510_500, kind: 'trunk', text: 'attempt 2: trunk 2 (south), shown as 1008' },
  messageEvent({ atUs: 511_000, direction: 'sent', text: invite, ...second }),
  messageEvent({
    atUs: 531_000,
    direction: 'received',
    text: sipMessage('SIP/2.0 180 Ringing', { cseq: '1 INVITE' }),
    ...second,
  }),
  messageEvent({
    atUs: 4_531_000,
    direction: 'received',
    text: sipMessage('SIP/2.0 200 OK', { cseq: '1 INVITE', sdp: answer }),
    ...second,
  }),
  messageEvent({
    atUs: 4_531_300,
    direction: 'sent',
    text: sipMessage('ACK sip:198.51.100.2:5080 SIP/2.0', { cseq: '1 ACK' }),
    ...second,
  }),
  { type: 'note', atUs: 6_000_000, kind: 'digit', text: 'a key by RFC 4733, 160 ms' },
  messageEvent({
    atUs: 9_000_000,
    direction: 'received',
    text: sipMessage('BYE sip:192.0.2.10:5060 SIP/2.0', {
      cseq: '7 BYE',
      lines: ['Reason: Q.850;cause=16;text="Normal call clearing"'],
    }),
    ...second,
  }),
  messageEvent({
    atUs: 9_000_200,
    direction: 'sent',
    text: sipMessage('SIP/2.0 200 OK', { cseq: '7 BYE' }),
    ...second,
  }),
];

/** The trace of such a call, or of other events. */
export function sampleTrace(change: Partial<CallTraceRecord> = {}): CallTraceRecord {
  return {
    createdDay: '2026-11-26',
    taskId: 5_000_001,
    seq: 9,
    processId: '6f1c1c52-8ad5-4b1c-9f3e-0a4c6c1e9d10',
    startedAt: new Date('2026-11-26T12:00:00.250Z'),
    events: sampleEvents,
    droppedEvents: 0,
    ...change,
  };
}
