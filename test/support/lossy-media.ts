import { createSocket, type Socket } from 'node:dgram';

/** Stands in front of a peer and relays its calls, SIP and RTP, losing some of the RTP. */
export interface LossyMediaPath {
  /** Call here instead of at the peer. */
  readonly port: number;
  /** RTP packets of all calls so far, both directions together. */
  figures(): { readonly lost: number; readonly passed: number };
  close(): Promise<void>;
}

export type LossyMediaOptions = {
  /** Where the peer takes calls on loopback. */
  readonly targetPort: number;
  /** Asked once an RTP packet: whether it is lost. */
  readonly isLost: () => boolean;
};

const host = '127.0.0.1';

/** The audio of one call: a socket that each side takes for the other one's. */
type AudioRelay = {
  readonly near: Socket;
  readonly far: Socket;
  nearPort: number;
  farPort: number;
};

/** Relays calls of one caller over UDP: the descriptions in INVITE and 200 are changed so that the audio comes through here. Requests in the dialog go past it. */
export async function startLossyMediaPath({ targetPort, isLost }: LossyMediaOptions): Promise<LossyMediaPath> {
  const near = await bound();
  const far = await bound();
  const relays = new Map<string, Promise<AudioRelay>>();
  const figures = { lost: 0, passed: 0 };
  let caller = { port: 0, address: host };
  const pass = (packet: Buffer, through: Socket, port: number): void => {
    if (isLost()) {
      figures.lost += 1;
    } else if (port !== 0) {
      figures.passed += 1;
      through.send(packet, port, host);
    }
  };
  const openRelay = async (): Promise<AudioRelay> => {
    const relay: AudioRelay = { near: await bound(), far: await bound(), nearPort: 0, farPort: 0 };
    relay.near.on('message', (packet) => pass(packet, relay.far, relay.farPort));
    relay.far.on('message', (packet) => pass(packet, relay.near, relay.nearPort));
    return relay;
  };
  const relayOf = (text: string): Promise<AudioRelay> => {
    const callId = /^Call-ID: *(\S+)/im.exec(text)?.[1] ?? '';
    const relay = relays.get(callId) ?? openRelay();
    relays.set(callId, relay);
    return relay;
  };
  near.on('message', (message, from) => {
    caller = from;
    void withAudioAt(message, relayOf, (relay, port) => {
      relay.nearPort = port;
      return relay.far;
    }).then((changed) => far.send(changed, targetPort, host));
  });
  far.on('message', (message) => {
    void withAudioAt(message, relayOf, (relay, port) => {
      relay.farPort = port;
      return relay.near;
    }).then((changed) => near.send(changed, caller.port, caller.address));
  });
  return {
    port: near.address().port,
    figures: () => ({ ...figures }),
    async close() {
      const audio = await Promise.all(relays.values());
      await Promise.all([near, far, ...audio.flatMap((relay) => [relay.near, relay.far])].map(closed));
    },
  };
}

/** A message with a description: its audio port becomes that of the socket which `exchange` names, and its length is set right. */
async function withAudioAt(
  message: Buffer,
  relayOf: (text: string) => Promise<AudioRelay>,
  exchange: (relay: AudioRelay, port: number) => Socket,
): Promise<Buffer> {
  const text = message.toString('latin1');
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const port = Number(/^m=audio (\d+)/m.exec(body)?.[1] ?? 0);
  if (port === 0) return message;
  const socket = exchange(await relayOf(text), port);
  const changed = body.replace(/^m=audio \d+/m, `m=audio ${socket.address().port}`);
  return Buffer.from(
    `${head.replace(/^(Content-Length|l): *\d+/im, `$1: ${changed.length}`)}\r\n\r\n${changed}`,
    'latin1',
  );
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return socket;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}
