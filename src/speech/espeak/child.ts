/**
 * The process in which espeak-ng (GPL-3.0) runs, compiled to JavaScript. It is apart from ours on purpose: nothing of it is linked with
 * Carillon, and when it crashes or hangs only a sentence is lost. An entry point: forked by `espeak-child.ts`, never imported.
 */
import { messageOf } from '../../lib/errors.ts';
import { joinAudio } from '../ssml/utterance.ts';
import { timeStretch } from '../time-stretch.ts';
import type { SpeakReply, SpeakRequest } from './protocol.ts';
import { speedFor } from './speed.ts';

type EspeakWorker = {
  readonly samplerate: number;
  /** By the name of a voice file, with a variant; 0: found. */
  set_voice(name: string): number;
  set_rate(wordsPerMinute: number): void;
  /** Speaks markup now; `onAudio` gets a copy of each piece and returns true to stop. */
  synthesize(markup: string, onAudio: (pcm: Int16Array) => boolean): void;
};

type EspeakModule = { default: () => Promise<{ eSpeakNGWorker: new () => EspeakWorker }> };

function speak(worker: EspeakWorker, request: SpeakRequest): SpeakReply {
  if (worker.set_voice(request.voice) !== 0) return { id: request.id, error: `no voice ${request.voice}` };
  const pieces = request.utterances.map((utterance) =>
    utterance.type === 'pause'
      ? new Int16Array(Math.round((utterance.ms * worker.samplerate) / 1000))
      : utter(worker, utterance.markup, utterance.rate),
  );
  return { id: request.id, pcm: joinAudio(pieces), sampleRate: worker.samplerate };
}

function utter(worker: EspeakWorker, markup: string, rate: number): Int16Array {
  const speed = speedFor(rate);
  worker.set_rate(speed.wordsPerMinute);
  const pieces: Int16Array[] = [];
  worker.synthesize(markup, (piece) => {
    pieces.push(piece);
    return false;
  });
  return timeStretch(joinAudio(pieces), worker.samplerate, speed.stretch);
}

async function main(): Promise<void> {
  // By a variable, because the package has no types.
  const engine = '@echogarden/espeak-ng-emscripten';
  const { default: load } = (await import(engine)) as EspeakModule;
  const { eSpeakNGWorker } = await load();
  const worker = new eSpeakNGWorker();
  process.on('message', (request: SpeakRequest) => {
    let reply: SpeakReply;
    try {
      reply = speak(worker, request);
    } catch (error) {
      reply = { id: request.id, error: messageOf(error) };
    }
    process.send?.(reply);
  });
  // A terminal's Ctrl-C reaches every process of the group; this one goes when its parent says so.
  process.on('SIGINT', () => undefined);
  // Without its parent it has nothing to do.
  process.on('disconnect', () => process.exit(0));
}

await main();
