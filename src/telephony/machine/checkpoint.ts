import { frameMs } from './frame-analyzer.ts';
import { pauseOf, type SpeechTiming } from './speech-timing.ts';

/** The moments at which a judgement is formed. */
export type Checkpoint = 'speech' | 'pause';

/** While somebody speaks, from a second on. */
const speechEveryMs = 100;
const firstSpeechMs = 1000;
/** So long after somebody has said something. */
const pauses: readonly number[] = [500, 700, 900, 1200, 1600];

/** Whether this frame is one; null: it is not. */
export function checkpointOf(timing: SpeechTiming): Checkpoint | null {
  const { nowMs, firstMs } = timing;
  if (firstMs === null) return null;
  const pauseMs = pauseOf(timing);
  if (pauseMs === 0) return nowMs - firstMs >= firstSpeechMs && nowMs % speechEveryMs === 0 ? 'speech' : null;
  return pauses.some((ms) => pauseMs >= ms && pauseMs - frameMs < ms) ? 'pause' : null;
}
