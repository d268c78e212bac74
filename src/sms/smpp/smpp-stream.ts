import type { ByteStream, ByteStreamObserver } from '../../lib/byte-stream.ts';
import { connectStream } from '../../lib/socket-stream.ts';
import type { SmppSettings } from './smpp-settings.ts';

/** A connection to a carrier. */
export type SmppStream = Pick<ByteStream, 'write' | 'close'>;

export type SmppTarget = Pick<SmppSettings, 'host' | 'port' | 'tls'>;

export type OpenSmppStream = (target: SmppTarget, observer: ByteStreamObserver) => SmppStream;

/** By TCP or TLS. */
export function openSmppStream({ host, port, tls }: SmppTarget, observer: ByteStreamObserver): SmppStream {
  return connectStream({ host, port }, tls === null ? null : { serverName: host, ...tls }, observer);
}
