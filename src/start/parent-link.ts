/**
 * What a child process and the supervisor tell each other over the IPC channel: the child, once, that it is ready and where it listens; the
 * supervisor nothing but its existence. A child without a supervisor (started by hand) has no channel, and none of this does anything.
 */

export type ReadyMessage<Info> = { readonly type: 'ready'; readonly info: Info };

/** Tells the supervisor that this process does its work now. */
export function reportReady(info: object): void {
  const message: ReadyMessage<object> = { type: 'ready', info };
  process.send?.(message);
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
