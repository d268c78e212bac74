import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { TracedMessage } from '../../src/call/trace.ts';
import { type Phone, startPhone } from '../support/baresip.ts';
import { type LoopbackEngine, openLoopbackEngine } from '../support/loopback-engine.ts';
import { ObservedLeg } from '../support/observed-leg.ts';
import { trunkTarget } from '../support/trunk-target.ts';
import { until } from '../support/until.ts';

let loopback: LoopbackEngine;
let phone: Phone;
before(async () => {
  loopback = await openLoopbackEngine({ tones: [500, 900, 1500] });
  phone = await startPhone('8613800000001');
});
after(async () => {
  await phone?.stop();
  await loopback?.engine.close();
});

/** A stream is 64,000 bit/s, and baresip counts over some seconds. */
const someAudio = 8_000;

/** What baresip says it receives, bit/s. Its recorder cannot tell: it ends with the first hold. */
const receivedRate = (): number => Number(/audio=\d+\/(\d+) \(bit\/s\)\s*$/.exec(phone.output().trimEnd())?.[1] ?? 0);

test('a real phone holds for longer than the prompt, which waits and goes on when it resumes', async () => {
  const described: string[] = [];
  const message = ({ direction, text }: TracedMessage): void => {
    const audio = /\ba=(sendrecv|sendonly|recvonly|inactive)\b/.exec(text)?.[1];
    if (audio !== undefined) described.push(`${direction} ${audio}`);
  };
  const call = new ObservedLeg(loopback.engine, {
    sipCallId: 'hold-1',
    trunk: trunkTarget({ port: phone.port }),
    number: '8613800000001',
    displayNum: '1008',
    ringTimeoutMs: 20_000,
    trace: { message, note: () => undefined },
  });
  await call.until('answered');
  await until(() => receivedRate() > 0, {
    what: 'audio at the phone',
    timeoutMs: 10_000,
    detail: () => phone.output(),
  });
  phone.hold(true);
  await until(() => described.includes('sent recvonly'), { what: 'the hold', timeoutMs: 10_000 });
  call.leg.play('tones', 1);
  // The prompt takes 1.5 s.
  await delay(3_000);
  await until(() => receivedRate() < someAudio, { what: 'nothing to be sent to who holds', timeoutMs: 10_000 });
  assert.ok(!call.types.includes('play-ended'), 'the prompt waits');
  phone.hold(false);
  const { isComplete } = await call.until('play-ended');
  assert.ok(isComplete);
  await until(() => receivedRate() > someAudio, { what: 'audio at the phone again', timeoutMs: 10_000 });
  call.leg.hangUp();
  assert.equal((await call.end()).cause, 'local-hangup');
  assert.deepEqual(described.slice(2), ['received sendonly', 'sent recvonly', 'received sendrecv', 'sent sendrecv']);
});
