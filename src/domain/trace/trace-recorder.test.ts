import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { messageEvent } from '../../../test/support/sample-trace.ts';
import { TraceMemory, TraceRecorder } from './trace-recorder.ts';

const bounds = { maxEvents: 4, maxBytes: 2000 };
const message = messageEvent({ atUs: 0, direction: 'sent', text: 'INVITE' });

describe('TraceRecorder', () => {
  it('marks the very same bytes the same way as a repetition, and nothing else', () => {
    const recorder = new TraceRecorder(new FakeClock(), bounds, new TraceMemory(10_000));
    recorder.message(message);
    recorder.message({ ...message, direction: 'received' });
    recorder.message({ ...message, text: 'INVITE ' });
    recorder.message(message);
    const marks = recorder.events.map((event) => event.type === 'message' && event.isAgain);
    assert.deepEqual(marks, [false, false, false, true]);
  });

  it('counts what is over its events, its bytes, or the memory of all', () => {
    const clock = new FakeClock();
    const events = new TraceRecorder(clock, bounds, new TraceMemory(10_000));
    for (let count = 0; count < 6; count++) events.note('call', 'x');
    assert.deepEqual([events.events.length, events.droppedEvents], [4, 2]);
    const bytes = new TraceRecorder(clock, bounds, new TraceMemory(10_000));
    bytes.note('call', 'x'.repeat(2000));
    bytes.note('call', 'x');
    assert.deepEqual([bytes.events.length, bytes.droppedEvents], [1, 1]);
    const memory = new TraceMemory(300);
    const first = new TraceRecorder(clock, bounds, memory);
    const second = new TraceRecorder(clock, bounds, memory);
    first.note('call', 'x');
    second.note('call', 'x');
    assert.deepEqual([first.droppedEvents, second.droppedEvents], [0, 1]);
    first.close();
    first.close();
    second.note('call', 'x');
    second.note('call', 'x');
    assert.equal(second.events.length, 1, 'what was given back is there once');
  });

  it('takes nothing after it was closed', () => {
    const recorder = new TraceRecorder(new FakeClock(), bounds, new TraceMemory(10_000));
    recorder.close();
    recorder.message(message);
    assert.deepEqual([recorder.events.length, recorder.droppedEvents], [0, 0]);
  });

  it('counts time from its start', async () => {
    const clock = new FakeClock();
    const recorder = new TraceRecorder(clock, bounds, new TraceMemory(10_000));
    await clock.advance(1500);
    recorder.note('call', 'x');
    assert.equal(recorder.events[0]?.atUs, 1_500_000);
  });
});
