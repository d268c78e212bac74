import { type Asterisk, startAsterisk } from './asterisk.ts';
import { endpointSection } from './asterisk-carrier.ts';
import { type Phone, startPhone } from './baresip.ts';
import { type Carillon, startCarillon } from './carillon.ts';
import { type LossyMediaPath, startLossyMediaPath } from './lossy-media.ts';
import { sendTask, waitForTask } from './task-client.ts';
import type { Samples } from './tone.ts';

/** A platform whose calls go to an Asterisk and to baresip phones, which record what they hear: in both codecs, with and without loss on the way. */
export interface AudioListeners {
  /** Uploads a file and plays it once to each kind of listener; resolves to what all of them heard. Waits for its turn. */
  hear(file: Buffer, fileName: string): Promise<readonly HeardCall[]>;
  /** RTP packets so far on the ways that lose some. */
  figures(): { readonly lost: number; readonly passed: number };
  close(): Promise<void>;
}

export type HeardCall = {
  /** Listener, codec and way, for messages. */
  readonly who: string;
  readonly isLossy: boolean;
  readonly heard: Samples;
};

type Way = { readonly codec: 'PCMA' | 'PCMU'; readonly isLossy: boolean };

const ways: readonly Way[] = [
  { codec: 'PCMA', isLossy: false },
  { codec: 'PCMU', isLossy: false },
  { codec: 'PCMA', isLossy: true },
  { codec: 'PCMU', isLossy: true },
];

const dialplan = `
[carrier]
exten => _X.,1,Answer()
 same => n,Record(\${SPOOL}/\${EXTEN}.wav,0,20,qk)
 same => n,Hangup()
`;

/** A phone for each way, which take one call at a time. */
type Lane = {
  readonly phones: readonly Phone[];
  readonly numbers: readonly string[];
  /** Calls of each of the phones so far. */
  calls: number;
};

/** Starts all of it; `laneCount` files can be heard at a time. */
export async function startAudioListeners(laneCount: number): Promise<AudioListeners> {
  const closing: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closing.splice(0).reverse()) await each();
  };
  try {
    const carillon = await startCarillon({ legs: 16 * laneCount });
    closing.push(() => carillon.stop());
    const asterisk = await startAsterisk({ pjsip: endpointSection('anonymous'), dialplan });
    closing.push(() => asterisk.stop());
    const paths: LossyMediaPath[] = [];
    const lossyPath = async (targetPort: number): Promise<number> => {
      const path = await startLossyMediaPath({ targetPort, isLost: everyHundredth() });
      paths.push(path);
      closing.push(() => path.close());
      return path.port;
    };
    const lossyAsterisk = await lossyPath(asterisk.sipPort);
    for (const [index, { codec, isLossy }] of ways.entries()) {
      const port = isLossy ? lossyAsterisk : asterisk.sipPort;
      await carillon.addTrunk(port, { name: `asterisk ${index}`, codecs: [codec], prefixes: [asteriskPrefix(index)] });
    }
    const addPhone = async (number: string, { codec, isLossy }: Way): Promise<Phone> => {
      const phone = await startPhone(number);
      closing.push(() => phone.stop());
      const port = isLossy ? await lossyPath(phone.port) : phone.port;
      await carillon.addTrunk(port, { name: `phone ${number}`, codecs: [codec], prefixes: [number] });
      return phone;
    };
    const lanes: Lane[] = [];
    for (let lane = 0; lane < laneCount; lane += 1) {
      const numbers = ways.map((_, way) => `861380${lane}${way}00000`);
      const phones = await Promise.all(ways.map((way, index) => addPhone(numbers[index] ?? '', way)));
      lanes.push({ phones, numbers, calls: 0 });
    }
    const waiting: ((lane: Lane) => void)[] = [];
    let files = 0;
    return {
      async hear(file, fileName) {
        const lane = lanes.pop() ?? (await new Promise<Lane>((resolve) => waiting.push(resolve)));
        files += 1;
        try {
          return await hearIn(lane, { carillon, asterisk, file, fileName, index: files });
        } finally {
          const next = waiting.shift();
          if (next === undefined) lanes.push(lane);
          else next(lane);
        }
      },
      figures: () => ({
        lost: paths.reduce((sum, path) => sum + path.figures().lost, 0),
        passed: paths.reduce((sum, path) => sum + path.figures().passed, 0),
      }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Playing = {
  readonly carillon: Carillon;
  readonly asterisk: Asterisk;
  readonly file: Buffer;
  readonly fileName: string;
  readonly index: number;
};

async function hearIn(lane: Lane, playing: Playing): Promise<HeardCall[]> {
  const { phones, numbers } = lane;
  const { carillon, asterisk, file, fileName, index } = playing;
  const upload = await carillon.post('/fileUpload', { fileName, file: file.toString('base64') });
  if (upload.status !== '0' || typeof upload.data !== 'string') throw new Error(`upload: ${JSON.stringify(upload)}`);
  const asteriskNumbers = ways.map((_, way) => `${asteriskPrefix(way)}${String(index).padStart(5, '0')}`);
  const taskId = await sendTask(carillon, {
    taskName: fileName,
    voiceFileId: upload.data,
    numberList: [...asteriskNumbers, ...numbers],
    // So that a phone's jitter buffer has given all of it before the call ends.
    delayHangup: 1,
  });
  await waitForTask(carillon, taskId, 2, 60_000);
  lane.calls += 1;
  await Promise.all(phones.map((phone) => phone.waitForCall('CALL_CLOSED', 10_000, lane.calls)));
  const calls: HeardCall[] = [];
  for (const [way, { codec, isLossy }] of ways.entries()) {
    const name = `${codec}${isLossy ? ', with loss' : ''}`;
    const [number = '', phone] = [asteriskNumbers[way], phones[way]];
    if (phone === undefined) throw new Error('a lane has a phone for each way');
    calls.push({ who: `Asterisk, ${name}`, isLossy, heard: await asterisk.heard(number) });
    calls.push({ who: `baresip, ${name}`, isLossy, heard: await phone.heard() });
  }
  return calls;
}

function asteriskPrefix(way: number): string {
  return `8613890${way}`;
}

/** The 38th of each hundred: 1 %, and some in every call. */
function everyHundredth(): () => boolean {
  let packets = 0;
  return () => packets++ % 100 === 37;
}
