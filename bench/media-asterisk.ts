import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Asterisk, startAsterisk } from '../test/support/asterisk.ts';
import { until } from '../test/support/until.ts';
import { pinProcess } from './cores.ts';
import { type BenchCodec, benchPrompt } from './media-codec.ts';
import { answerLimitMs, type ContenderOptions, type MediaContender, type MediaLoad } from './media-contender.ts';

const pjsip = (codec: BenchCodec): string => `
[global]
type = global
taskprocessor_overload_trigger = none

[far]
type = endpoint
transport = udp
disallow = all
allow = ${codec.asteriskName}
media_address = 127.0.0.1
bind_rtp_to_media_address = yes
direct_media = no
dtmf_mode = rfc4733
rtp_timeout = 0
`;

/** The prompt again and again, from a file that needs no transcoding. */
const dialplan = `
[play]
exten => s,1,Playback(\${SPOOL}/prompt)
 same => n,Goto(1)
`;

/** Asterisk, as quick as we could make it: README.md of this folder says what was tried. */
export async function startAsteriskPlayer(options: ContenderOptions): Promise<MediaContender> {
  const { core, firstPort, ports, codec } = options;
  const rtpPorts = { first: firstPort, last: firstPort + ports - 1 };
  const rtp = `[general]\nrtpstart = ${rtpPorts.first}\nrtpend = ${rtpPorts.last}\nstrictrtp = no\nrtpchecksums = no\n`;
  const files = { 'logger.conf': '[general]\n[logfiles]\nconsole => error\n', 'rtp.conf': rtp };
  const asterisk = await startAsterisk({ pjsip: pjsip(codec), dialplan, files });
  pinProcess(asterisk.pid, core);
  const prompt = join(asterisk.spoolFolder, `prompt.${codec.asteriskName}`);
  await writeFile(prompt, codec.encode(benchPrompt(codec.sampleRate)));
  await asterisk.remoteControl.act('Events', { EventMask: 'off' });
  return {
    name: 'asterisk',
    pid: asterisk.pid,
    rtpPorts,
    async call(load) {
      await originate(asterisk, load, codec);
      await waitForChannels(asterisk, (up) => up === load.calls);
    },
    ownFigures: async () => null,
    async hangUp() {
      await asterisk.remoteControl.command('channel request hangup all');
      await waitForChannels(asterisk, (up, all) => up === 0 && all === 0);
    },
    close: () => asterisk.stop(),
  };
}

/** Asks for all calls in step with the time. */
async function originate({ remoteControl }: Asterisk, load: MediaLoad, codec: BenchCodec): Promise<void> {
  const { calls, callsPerS, sipPorts } = load;
  const startMs = performance.now();
  for (let started = 0; started < calls; ) {
    const due = Math.min(calls, Math.ceil(((performance.now() - startMs) / 1000) * callsPerS));
    for (; started < due; started += 1) {
      remoteControl.send('Originate', {
        Channel: `PJSIP/far/sip:8613800000000@127.0.0.1:${sipPorts[started % sipPorts.length]}`,
        Context: 'play',
        Exten: 's',
        Priority: '1',
        Async: 'true',
        CallerID: '1008',
        Codecs: codec.asteriskName,
        Timeout: String(answerLimitMs),
      });
    }
    await delay(5);
  }
}

/** Asks, seldom because it costs, how many channels are answered. */
function waitForChannels(
  { remoteControl, output }: Asterisk,
  isRight: (up: number, all: number) => boolean,
): Promise<void> {
  return until(
    async () => {
      const channels = (await remoteControl.command('core show channels concise')).split('\n').filter(Boolean);
      return isRight(channels.filter((line) => line.split('!')[4] === 'Up').length, channels.length);
    },
    { what: "Asterisk's calls", timeoutMs: answerLimitMs, everyMs: 500, detail: () => output().slice(-2000) },
  ).then(() => undefined);
}
