import { createHash } from 'node:crypto';
import type { SocketAddress } from '../endpoint-types.ts';
import { paramOf } from '../message/header-values.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { parseMessage } from '../message/parse-message.ts';
import { ResponseTemplate } from '../message/response-template.ts';
import type { SipMessage } from '../message/sip-message.ts';
import type { DatagramTransport } from '../transport/transport.ts';

/** What the registrar says to a REGISTER; null: nothing. */
export type RegistrarAnswer = { readonly status: string; readonly lines: string } | null;

/**
 * A registrar in memory: keeps bindings of one address of record as RFC 3261 section 10.3 says, except that it has no clock, and asks for digest
 * credentials when it is given some. Repeated requests are answered as they were the first time.
 */
export class MemoryRegistrar {
  /** Each new REGISTER, in order, also those that were challenged. */
  readonly received: SipMessage[] = [];
  /** URI -> expires, s. */
  readonly bindings = new Map<string, number>();
  /** Further lines of its 2xx. */
  lines = '';
  grantedS: number | null = null;
  nonce = 'first';
  /** Decides instead of the registrar; `undefined` leaves it to it. */
  override: (request: SipMessage) => RegistrarAnswer | undefined = () => undefined;
  readonly #transport: DatagramTransport;
  readonly #credentials: { readonly username: string; readonly password: string } | null;
  readonly #answered = new Map<string, Buffer | null>();

  constructor(transport: DatagramTransport, credentials: MemoryRegistrar['credentials'] = null) {
    this.#transport = transport;
    this.#credentials = credentials;
    transport.receive((datagram, remote) => {
      const parsed = parseMessage(datagram);
      if (parsed?.message.method === 'REGISTER') this.#receive(parsed.message, remote);
    });
  }

  get credentials(): { readonly username: string; readonly password: string } | null {
    return this.#credentials;
  }

  #receive(request: SipMessage, remote: SocketAddress): void {
    const branch = request.branch ?? '';
    let response = this.#answered.get(branch);
    if (response === undefined) {
      this.received.push(request);
      response = this.#write(request, remote);
      this.#answered.set(branch, response);
    }
    if (response !== null) this.#transport.send(response, remote, () => undefined);
  }

  #write(request: SipMessage, remote: SocketAddress): Buffer | null {
    const overridden = this.override(request);
    const answer = overridden === undefined ? this.#answer(request) : overridden;
    if (answer === null) return null;
    const [status = '', ...reason] = answer.status.split(' ');
    return new ResponseTemplate(request, remote).write({
      status: Number(status),
      reason: reason.join(' '),
      toTag: 'registrar',
      lines: answer.lines,
      contentType: null,
      body: '',
    });
  }

  #answer(request: SipMessage): RegistrarAnswer {
    if (!this.#isAuthorized(request)) {
      const isStale = request.header('authorization') !== null;
      const challenge = `Digest realm="carrier", nonce="${this.nonce}", qop="auth", algorithm=SHA-256${isStale ? ', stale=true' : ''}`;
      return { status: '401 Unauthorized', lines: `WWW-Authenticate: ${challenge}\r\n` };
    }
    for (const value of request.list('contact')) {
      const contact = parseNameAddr(value);
      const askedS = Number(paramOf(contact?.params ?? '', 0, 'expires'));
      if (askedS === 0) this.bindings.delete(contact?.uri ?? '');
      else this.bindings.set(contact?.uri ?? '', this.grantedS ?? askedS);
    }
    const contacts = [...this.bindings].map(([uri, expiresS]) => `Contact: <${uri}>;expires=${expiresS}\r\n`);
    return { status: '200 OK', lines: contacts.join('') + this.lines };
  }

  #isAuthorized(request: SipMessage): boolean {
    if (this.#credentials === null) return true;
    const params = `;${(request.header('authorization') ?? '').replace(/^Digest /, '').replaceAll(', ', ';')}`;
    const param = (name: string): string => paramOf(params, 0, name) ?? '';
    if (param('nonce') !== this.nonce) return false;
    const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
    const { username, password } = this.#credentials;
    const expected = `${digest(`${username}:carrier:${password}`)}:${this.nonce}:${param('nc')}:${param('cnonce')}:auth:${digest(`REGISTER:${request.uri}`)}`;
    return param('response') === digest(expected);
  }
}
