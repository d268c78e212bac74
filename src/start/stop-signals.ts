/** One key press may arrive twice: from the terminal, and passed on by npm. Within this time it counts once. */
const samePressMs = 500;

export type StopRequests = {
  /** Called once: stop in order. `reason` is the signal's name. */
  readonly onStop: (reason: string) => void;
  /** Called at a further signal: stop at once. */
  readonly onForce: () => void;
};

/** Listens to SIGTERM, SIGINT and SIGHUP. Returns what stops listening. */
export function listenToStopSignals({ onStop, onForce }: StopRequests): () => void {
  let firstAt: number | null = null;
  const handle = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (firstAt === null) {
      firstAt = now;
      onStop(signal);
    } else if (now - firstAt > samePressMs) {
      onForce();
    }
  };
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
