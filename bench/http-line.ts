import { connect, type Socket } from 'node:net';

/** A request as it goes over the wire; made once and sent often. */
export type WireRequest = {
  readonly bytes: Buffer;
  /** Part of the body that an answer must have to count as one. */
  readonly expects: string;
};

/**
 * One kept-open HTTP/1.1 connection to a server of ours that carries one request at a time. No client library: what a request costs here is taken from the server beside it,
 * and with two cores that would be part of the measurement.
 */
export class HttpLine {
  readonly #socket: Socket;
  #received = '';
  #pending: { readonly expects: string; readonly done: (isGood: boolean) => void } | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#take(chunk));
    for (const event of ['error', 'close']) socket.on(event, () => this.#settle(false));
  }

  static open(host: string, port: number): Promise<HttpLine> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new HttpLine(socket)));
    });
  }

  get isBusy(): boolean {
    return this.#pending !== null;
  }

  /** `done` is told whether it was answered as expected. */
  send(request: WireRequest, done: (isGood: boolean) => void): void {
    this.#pending = { expects: request.expects, done };
    this.#socket.write(request.bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** The servers measured send `content-length`, never chunks. */
  #take(chunk: string): void {
    this.#received = this.#received === '' ? chunk : this.#received + chunk;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received.slice(0, headEnd))?.[1];
    if (length === undefined || this.#received.length < headEnd + 4 + Number(length)) return;
    const isGood =
      this.#received.startsWith('HTTP/1.1 200') && this.#received.includes(this.#pending?.expects ?? '', headEnd);
    this.#received = '';
    this.#settle(isGood);
  }

  #settle(isGood: boolean): void {
    const pending = this.#pending;
    this.#pending = null;
    pending?.done(isGood);
  }
}

/** A request in HTTP/1.1; `body` null: none. */
export function wireRequest(
  request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
  },
  expects: string,
): WireRequest {
  const { method, path, headers, body } = request;
  const all = {
    host: 'localhost',
    ...headers,
    ...(body !== null && { 'content-length': String(Buffer.byteLength(body)) }),
  };
  const head = Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  return { bytes: Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n${body ?? ''}`), expects };
}
