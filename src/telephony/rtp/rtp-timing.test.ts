import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { LoadedPrompt, Playout } from './playout.ts';
import { createRtpHeader, parseRtp } from './rtp-packet.ts';
import { RtpSender, type SenderFormat } from './rtp-sender.ts';
import { parseTelephoneEvent } from './telephone-event.ts';

/** G.711 with events; one packet time is 160 of 8,000 units a second. */
const narrow: SenderFormat = {
  payloadType: 8,
  eventPayloadType: 101,
  silence: new Uint8Array(480).fill(0xd5),
  packetSamples: 160,
  payloadBytes: 160,
  unitsPerSample: 1,
  eventUnitsPerSample: 1,
  canSend: true,
};
/** As Opus has it: 48,000 units a second, events too; and what is sent is of no concern here. */
const wide: SenderFormat = {
  ...narrow,
  payloadType: 111,
  eventPayloadType: 110,
  unitsPerSample: 6,
  eventUnitsPerSample: 6,
};
const held: SenderFormat = { ...narrow, canSend: false };

const prompt = (promptKey: string, packets: number) => {
  const bytes = new Uint8Array(new SharedArrayBuffer(packets * 160)).fill(1);
  return new LoadedPrompt(promptKey, { PCMA: { bytes, frames: null } });
};

/** `n`: so many packet times pass. */
type Act = number | ((sender: RtpSender) => void);

const play = (packets: number, loops: number) => (sender: RtpSender) =>
  sender.playout.play(prompt('p', packets), loops);
const press = (digit: string, packets: number) => (sender: RtpSender) => void sender.sendDigit(digit, packets * 160);
const change = (format: SenderFormat) => (sender: RtpSender) => sender.configure(format);
const pause = (packets: number) => (sender: RtpSender) => sender.skip(packets * 160);
const stop = (sender: RtpSender) => sender.playout.stop();

/**
 * Each packet time: nothing sent is `-`; a packet is its kind (`s` silence, `p` prompt, a digit with its duration in packet times and `E` at its end), `M` for the marker, and
 * the packet times since the first timestamp. All timestamps are multiples of a packet time in the clock that holds then.
 */
function story(acts: readonly Act[]): string[] {
  const sender = new RtpSender(narrow, new Playout(() => undefined), seededRandom(3));
  const header = createRtpHeader();
  let format = narrow;
  let expected: number | null = null;
  let origin: number | null = null;
  const told: string[] = [];
  for (const act of acts) {
    if (typeof act !== 'number') {
      act(sender);
      continue;
    }
    for (let time = 0; time < act; time += 1) {
      const packet = sender.next();
      if (packet === null) {
        told.push('-');
        continue;
      }
      assert.ok(parseRtp(packet, header));
      assert.equal(header.sequence, expected ?? header.sequence, 'sequence numbers have no gaps (RFC 3550 5.1)');
      expected = (header.sequence + 1) & 0xffff;
      origin ??= header.timestamp;
      format = header.payloadType >= 110 ? wide : narrow;
      const isEvent = header.payloadType === format.eventPayloadType;
      const event = isEvent ? parseTelephoneEvent(packet, header.payloadStart, header.payloadEnd) : null;
      const units = 160 * format.unitsPerSample;
      const kind =
        event === null
          ? packet[header.payloadStart] === 1
            ? 'p'
            : 's'
          : `${event.event}:${event.duration / units}${event.isEnd ? 'E' : ''}`;
      told.push(`${kind}${header.isMarked ? 'M' : ''} ${((header.timestamp - origin) >>> 0) / units}`);
    }
  }
  return told;
}

describe('sequence numbers, timestamps and markers of what is sent', () => {
  const stories: [name: string, acts: Act[], told: string][] = [
    ['silence', [3], 'sM 0, s 1, s 2'],
    ['a prompt in silence', [1, play(2, 1), 3], 'sM 0, pM 1, p 2, s 3'],
    ['loops follow without a mark', [1, play(1, 3), 4], 'sM 0, pM 1, p 2, p 3, s 4'],
    ['a prompt after another', [play(5, 1), 2, play(2, 1), 3], 'pM 0, p 1, pM 2, p 3, s 4'],
    ['a prompt that is stopped', [play(5, 1), 2, stop, 2], 'pM 0, p 1, s 2, s 3'],
    [
      'a hold, over which the prompt waits',
      [play(3, 1), 1, change(held), 4, change(narrow), 3],
      'pM 0, -, -, -, -, pM 5, p 6, s 7',
    ],
    ['a hold that nothing was sent before', [change(held), 2, change(narrow), 2], '-, -, sM 0, s 1'],
    ['a pause of the thread', [play(3, 1), 2, pause(10), 2], 'pM 0, p 1, pM 12, s 13'],
    [
      'a digit in a prompt, which waits for it',
      [play(3, 1), 1, press('5', 2), 6],
      'pM 0, 5:1M 1, 5:2E 1, 5:2E 1, 5:2E 1, pM 5, p 6',
    ],
    [
      'a prompt that begins within a digit begins after it, marked once',
      [1, press('5', 2), 1, play(2, 1), 5],
      'sM 0, 5:1M 1, 5:2E 1, 5:2E 1, 5:2E 1, pM 5, p 6',
    ],
    [
      'two digits, with silence between',
      [press('1', 1), press('2', 1), 9],
      '1:1EM 0, 1:1E 0, 1:1E 0, sM 3, 2:1EM 4, 2:1E 4, 2:1E 4, sM 7, s 8',
    ],
    [
      'a digit over a pause of the thread is so much longer',
      [press('5', 8), 2, pause(3), 4, 2],
      '5:1M 0, 5:2 0, 5:6 0, 5:7 0, 5:8E 0, 5:8E 0, 5:8E 0, sM 10',
    ],
    [
      'a digit over a hold is over when it ends',
      [press('5', 4), 2, change(held), 5, change(narrow), 5],
      '5:1M 0, 5:2 0, -, -, -, -, -, 5:4E 0, 5:4E 0, 5:4E 0, sM 10, s 11',
    ],
  ];
  for (const [name, acts, told] of stories) {
    it(name, () => assert.deepEqual(story(acts), told.split(', ')));
  }

  it('another clock from a packet on: what has passed stays, what comes is counted in it (RFC 7160)', () => {
    const sender = new RtpSender(narrow, new Playout(() => undefined), seededRandom(3));
    const header = createRtpHeader();
    const timestampOf = (): number => {
      assert.ok(parseRtp(sender.next() ?? assert.fail('nothing is sent'), header));
      assert.equal(sender.timestamp, header.timestamp, 'what reports say');
      assert.equal(sender.sequence, header.sequence);
      return header.timestamp;
    };
    const first = timestampOf();
    const since = () => (timestampOf() - first) >>> 0;
    assert.equal(since(), 160);
    sender.configure(wide);
    assert.deepEqual([since(), since()], [320, 320 + 960]);
    sender.configure(narrow);
    assert.deepEqual([since(), since()], [320 + 2 * 960, 480 + 2 * 960]);
  });
});
