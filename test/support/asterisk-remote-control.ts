import { connect, type Socket } from 'node:net';
import { until } from './until.ts';

/** One message of the manager interface: its headers; one that comes twice keeps the last value, `Output` all of its lines. */
export type RemoteMessage = Readonly<Record<string, string>>;

/** Asterisk's own remote control (AMI): actions with their responses, and the events so far. */
export interface AsteriskRemoteControl {
  /** Resolves to the response. Rejects when Asterisk says that it is an error. */
  act(action: string, fields?: Readonly<Record<string, string>>): Promise<RemoteMessage>;
  /** Sends an action and does not wait for what comes of it. */
  send(action: string, fields: Readonly<Record<string, string>>): void;
  /** What a command line command writes. */
  command(text: string): Promise<string>;
  /** Resolves to the first event, from now on or before, that the test is looking for. */
  waitForEvent(name: string, isIt: (event: RemoteMessage) => boolean, timeoutMs?: number): Promise<RemoteMessage>;
  close(): void;
}

/** Logs in on loopback. */
export async function openRemoteControl(port: number, user: string, secret: string): Promise<AsteriskRemoteControl> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opening = connect(port, '127.0.0.1', () => resolve(opening));
    opening.once('error', reject);
  });
  const events: RemoteMessage[] = [];
  const waiting = new Map<string, (response: RemoteMessage) => void>();
  let received = '';
  let lastActionId = 0;
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    received += data.toString();
    const parts = received.split('\r\n\r\n');
    received = parts.pop() ?? '';
    for (const part of parts) {
      const message = readMessage(part);
      if (message.Event !== undefined) events.push(message);
      else waiting.get(message.ActionID ?? '')?.(message);
    }
  });
  const send: AsteriskRemoteControl['send'] = (action, fields) => {
    const headers = Object.entries({ Action: action, ...fields });
    socket.write(`${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  };
  const act: AsteriskRemoteControl['act'] = async (action, fields = {}) => {
    lastActionId += 1;
    const actionId = String(lastActionId);
    const response = new Promise<RemoteMessage>((resolve) => waiting.set(actionId, resolve));
    send(action, { ActionID: actionId, ...fields });
    const message = await response;
    waiting.delete(actionId);
    if (message.Response === 'Error') throw new Error(`${action}: ${message.Message}`);
    return message;
  };
  await act('Login', { Username: user, Secret: secret });
  return {
    act,
    send,
    command: async (text) => (await act('Command', { Command: text })).Output ?? '',
    waitForEvent: (name, isIt, timeoutMs = 10_000) =>
      until(() => events.find((event) => event.Event === name && isIt(event)) ?? null, {
        what: `Asterisk's ${name}`,
        timeoutMs,
        everyMs: 20,
        detail: () => JSON.stringify(events.slice(-20), null, 1),
      }),
    close: () => socket.destroy(),
  };
}

function readMessage(text: string): RemoteMessage {
  const message: Record<string, string> = {};
  for (const line of text.split('\r\n')) {
    const [, name, value = ''] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    message[name] = name === 'Output' && message.Output !== undefined ? `${message.Output}\n${value}` : value;
  }
  return message;
}
