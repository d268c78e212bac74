/** What a call's row is found by. */
export type CallKey = {
  /** The task's partition day, `YYYY-MM-DD`. */
  readonly createdDay: string;
  readonly taskId: number;
  readonly seq: number;
};

/** The record id that clients see: day (yymmdd), task id and six digits of the callee's place in the task. */
export function formatVoiceId(key: CallKey): string {
  const day = key.createdDay.slice(2).replaceAll('-', '');
  return `${day}${key.taskId}${String(key.seq).padStart(6, '0')}`;
}

/** The key behind a record id; null: it is none. */
export function parseVoiceId(voiceId: string): CallKey | null {
  const match = /^(\d{2})(\d{2})(\d{2})([1-9]\d{0,14})(\d{6})$/.exec(voiceId);
  if (!match) return null;
  const [, year, month, day, taskId, seq] = match;
  const createdDay = `20${year}-${month}-${day}`;
  if (!isDay(createdDay) || Number(seq) === 0) return null;
  return { createdDay, taskId: Number(taskId), seq: Number(seq) };
}

/** Not every six digits are a day, and PostgreSQL refuses one that is none. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
