import { createSocket, type Socket } from 'node:dgram';

/** A UDP relay that loses packets, in front of a peer. */
export interface LossyRelay {
  /** Send here instead of to the peer. */
  readonly port: number;
  /** Packets lost and passed on so far, both directions together. */
  figures(): { readonly lost: number; readonly passed: number };
  close(): Promise<void>;
}

export type LossyRelayOptions = {
  readonly targetPort: number;
  /** Asked once a packet: whether it is lost. */
  readonly isLost: () => boolean;
};

/** Relays between whoever sends to `port` (one sender at a time) and `targetPort` on loopback. */
export async function startLossyRelay({ targetPort, isLost }: LossyRelayOptions): Promise<LossyRelay> {
  const host = '127.0.0.1';
  const near = createSocket('udp4');
  const far = createSocket('udp4');
  await Promise.all([near, far].map((socket) => new Promise<void>((resolve) => socket.bind(0, host, resolve))));
  let sender: { readonly port: number; readonly address: string } | null = null;
  let lost = 0;
  let passed = 0;
  const relay = (packet: Buffer, through: Socket, to: { readonly port: number; readonly address: string }): void => {
    if (isLost()) {
      lost += 1;
      return;
    }
    passed += 1;
    through.send(packet, to.port, to.address);
  };
  near.on('message', (packet, from) => {
    sender = from;
    relay(packet, far, { port: targetPort, address: host });
  });
  far.on('message', (packet) => {
    if (sender !== null) relay(packet, near, sender);
  });
  return {
    port: near.address().port,
    figures: () => ({ lost, passed }),
    close: async () => {
      await Promise.all([near, far].map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
    },
  };
}
