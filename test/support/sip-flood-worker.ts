import { createSocket } from 'node:dgram';
import { parentPort, workerData } from 'node:worker_threads';

/** What a flooding worker is started with. */
export type SipFlood = {
  /** The loopback address that it sends from. */
  readonly from: string;
  readonly to: { readonly address: string; readonly port: number };
  readonly perSecond: number;
};

/** What it reports again and again: datagrams sent, and what came back. */
export type SipFloodReport = { readonly sent: number; readonly received: number };

const { from, to, perSecond } = workerData as SipFlood;
const tickMs = 5;
const socket = createSocket('udp4');
let sent = 0;
let received = 0;
socket.on('message', () => received++);
// What the kernel refuses to carry in a flood is part of the flood.
socket.on('error', () => undefined);

function datagram(number: number): string {
  const method = ['INVITE', 'REGISTER', 'OPTIONS'][number % 4];
  if (method === undefined) return `${'\u0001garbage;,"<'.repeat(40)}\r\n\r\n`;
  return (
    `${method} sip:100@${to.address} SIP/2.0\r\nVia: SIP/2.0/UDP ${from}:5060;branch=z9hG4bK${number};rport\r\n` +
    `From: <sip:100@1.1.1.1>;tag=${number}\r\nTo: <sip:100@1.1.1.1>\r\nCall-ID: ${number}\r\nCSeq: 1 ${method}\r\n` +
    'User-Agent: friendly-scanner\r\nContent-Length: 0\r\n\r\n'
  );
}

socket.bind(0, from, () => {
  const startedAt = performance.now();
  setInterval(() => {
    const due = Math.min(((performance.now() - startedAt) * perSecond) / 1000, sent + perSecond / 20);
    while (sent < due) socket.send(datagram(sent++), to.port, to.address);
    const report: SipFloodReport = { sent, received };
    parentPort?.postMessage(report);
  }, tickMs);
});
