// A carrier in a process of its own, on the smpp library: takes everything at once, and sends receipts where they are asked for. Tells its port to its parent.
import type { AddressInfo } from 'node:net';
import { createServer } from 'smpp';

let latestId = 0;
const server = createServer({}, (session) => {
  session.on('pdu', (pdu) => {
    if (pdu.isResponse()) return;
    if (pdu.command !== 'submit_sm') {
      session.send(pdu.response());
      return;
    }
    latestId += 1;
    session.send(pdu.response({ message_id: String(latestId) }));
    if (pdu.registered_delivery === 1) {
      session.deliver_sm({ esm_class: 4, short_message: Buffer.from(`id:${latestId} stat:DELIVRD err:000 text:`) });
    }
  });
  session.on('error', () => session.destroy());
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
