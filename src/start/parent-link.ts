/**
 * What a child process and the supervisor tell each other over the IPC channel: the child, once, that it is ready and where it listens, or why it
 * could not start; the supervisor nothing but its existence. A child without a supervisor (started by hand) has no channel, and none of this does anything.
 */

export type ReadyMessage<Info> = { readonly type: 'ready'; readonly info: Info };
export type FailedMessage = { readonly type: 'failed'; readonly reason: string };

/** Tells the supervisor that this process does its work now. */
export function reportReady(info: object): void {
  const message: ReadyMessage<object> = { type: 'ready', info };
  process.send?.(message);
}

/** Tells the supervisor why this process ends. Resolves when it has been told. */
export function reportFailed(reason: string): Promise<void> {
  const message: FailedMessage = { type: 'failed', reason };
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, () => resolve());
  });
}

/** Calls back when the supervisor is gone without having asked this process to stop: killed, say. */
export function onSupervisorLost(callback: () => void): void {
  if (process.channel === undefined || process.channel === null) return;
  process.once('disconnect', callback);
  // The channel alone is no reason to stay alive.
  process.channel.unref();
}

/** The info of a ready message; null for anything else. */
export function readyInfo(message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return null;
  if (!('type' in message) || message.type !== 'ready' || !('info' in message)) return null;
  return message.info;
}

/** The reason of a failed message; null for anything else. */
export function failedReason(message: unknown): string | null {
  if (typeof message !== 'object' || message === null) return null;
  if (!('type' in message) || message.type !== 'failed' || !('reason' in message)) return null;
  return String(message.reason);
}
