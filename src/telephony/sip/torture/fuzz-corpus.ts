import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerSdp, calleeAddress, callerAddress, dial, SipBench } from '../testing/endpoint-pair.ts';
import { udpHop } from '../transport/hop.ts';

/** The messages of RFC 4475, the odd ones of our own, and every kind that two endpoints say to each other. */
export function fuzzCorpus(): string[] {
  const folders = [join(import.meta.dirname, 'messages'), join(import.meta.dirname, '..', 'fixtures')];
  const files = folders.flatMap((folder) =>
    readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1')),
  );
  return [...files, ...conversation()];
}

/** INVITE, 100, 180, 200, ACK, INFO, BYE and their answers; CANCEL, 487 and its ACK; OPTIONS; a challenge. */
function conversation(): string[] {
  const bench = new SipBench();
  const caller = bench.endpoint(callerAddress);
  const callee = bench.endpoint(calleeAddress);
  const isAnswered = [true, false];
  callee.onInvite((call) => {
    call.provisional(180, 'Ringing', answerSdp);
    if (isAnswered.shift()) call.answer(answerSdp);
  });
  const { call } = dial(caller);
  bench.clock.advance(100);
  call.sendInfoDigit('5', 160);
  bench.clock.advance(100);
  call.hangUp();
  const cancelled = dial(caller);
  bench.clock.advance(100);
  cancelled.call.hangUp();
  void caller.options([udpHop(calleeAddress)], new AbortController().signal);
  bench.clock.advance(100);
  const said = bench.network.seen.map(({ text }) => text);
  const challenge =
    'WWW-Authenticate: Digest realm="a, \\"b", nonce="n", qop="auth,auth-int", algorithm=SHA-256\r\nTo: ';
  return [...said, ...said.filter((text) => text.startsWith('SIP')).map((text) => text.replace('To: ', challenge))];
}
