import type { BenchCodec } from './media-codec.ts';

/** Who plays a prompt to many calls in the media bench: a process on a core of its own, started once. */
export interface MediaContender {
  readonly name: 'carillon' | 'asterisk';
  readonly pid: number;
  /** The UDP ports that it takes audio on. */
  readonly rtpPorts: { readonly first: number; readonly last: number };
  /** Makes calls at a rate to the far side's SIP ports in turn, each of which plays the prompt for ever. Resolves when all are answered, rejects when they are not in time. */
  call(load: MediaLoad): Promise<void>;
  /** What it counted itself since the last time; null: it does not say. */
  ownFigures(): Promise<OwnMediaFigures | null>;
  /** Ends all calls; resolves when they are over. */
  hangUp(): Promise<void>;
  close(): Promise<void>;
}

/** What a contender is started with. */
export type ContenderOptions = {
  /** Of its whole process. */
  readonly core: string;
  readonly firstPort: number;
  readonly ports: number;
  readonly codec: BenchCodec;
};

export type MediaLoad = {
  readonly calls: number;
  readonly callsPerS: number;
  readonly sipPorts: readonly number[];
};

/** As the media threads count it. */
export type OwnMediaFigures = {
  readonly latenessP50Ms: number;
  readonly latenessP99Ms: number;
  readonly latenessMaxMs: number;
  /** Time that the schedule gave up. */
  readonly skippedMs: number;
};

/** How long a call may take to be answered. */
export const answerLimitMs = 20_000;
