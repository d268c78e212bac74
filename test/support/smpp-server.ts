import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type PDU, type Session } from 'smpp';

/** A submit_sm as the server sees it. */
export type Submit = {
  readonly to: string;
  /** Which part of its message, from 1. */
  readonly place: number;
  /** How many times this part has come, this one counted. */
  readonly time: number;
  readonly pdu: PDU;
};

/** What the server does about a submit_sm. */
export type Treatment = {
  /** `accepted` and `silence` take the message; a number is the status of a refusal, which does not. */
  readonly answer: 'accepted' | 'silence' | number;
  readonly answerAfterMs?: number;
  /** When its receipts are sent, counted from now; two are a duplicate. None by default. */
  readonly receiptsAfterMs?: readonly number[];
  /** What it does to the connection, after that. */
  readonly disturbance?: 'destroy' | 'unbind' | 'garbage';
};

export type SmppServerOptions = {
  readonly treat: (submit: Submit) => Treatment;
  readonly password?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
};

/** A carrier on the `smpp` library, with the manners of bad ones. */
export interface SmppServer {
  readonly port: number;
  /** Parts that it took, by number and place, with how often. */
  readonly taken: ReadonlyMap<string, number>;
  /** Every PDU that came, for tests that look at it. */
  readonly received: readonly PDU[];
  /** Receipts that we have not answered yet, or could not be sent. */
  readonly receiptsOpen: number;
  readonly sessions: ReadonlySet<Session>;
  stop(): Promise<void>;
}

export async function startSmppServer(options: SmppServerOptions): Promise<SmppServer> {
  const carrier = new Carrier(options);
  const server = createServer({ ...options.tls }, (session) => carrier.serve(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    taken: carrier.taken,
    received: carrier.received,
    get receiptsOpen() {
      return carrier.receiptsOpen;
    },
    sessions: carrier.sessions,
    async stop() {
      carrier.stop();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

type Receipt = { readonly id: string; readonly source: string };

class Carrier {
  readonly taken = new Map<string, number>();
  readonly received: PDU[] = [];
  readonly sessions = new Set<Session>();
  readonly #options: SmppServerOptions;
  readonly #times = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** For whom there was no connection. */
  readonly #waiting: Receipt[] = [];
  readonly #unanswered = new Map<Session, Set<Receipt>>();
  #latestId = 0;
  #scheduled = 0;

  constructor(options: SmppServerOptions) {
    this.#options = options;
  }

  get receiptsOpen(): number {
    const unanswered = [...this.#unanswered.values()].reduce((sum, receipts) => sum + receipts.size, 0);
    return this.#scheduled + this.#waiting.length + unanswered;
  }

  serve(session: Session): void {
    session.on('pdu', (pdu: PDU) => this.#onPdu(session, pdu));
    session.on('error', () => session.destroy());
    session.on('close', () => this.#onClose(session));
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const session of this.sessions) session.destroy();
  }

  #onPdu(session: Session, pdu: PDU): void {
    this.received.push(pdu);
    switch (pdu.command) {
      case 'bind_transceiver':
      case 'bind_receiver':
      case 'bind_transmitter':
        this.#onBind(session, pdu);
        return;
      case 'submit_sm':
        this.#onSubmit(session, pdu);
        return;
      case 'enquire_link':
        session.send(pdu.response());
        return;
      case 'unbind':
        session.send(pdu.response());
        session.close();
        return;
      default:
    }
  }

  #onBind(session: Session, pdu: PDU): void {
    const { password } = this.#options;
    if (password !== undefined && pdu.password !== password) {
      session.send(pdu.response({ command_status: 0x0e }));
      session.close();
      return;
    }
    session.send(pdu.response({ system_id: 'bad-carrier' }));
    this.sessions.add(session);
    this.#unanswered.set(session, new Set());
    if (pdu.command !== 'bind_transmitter') for (const receipt of this.#waiting.splice(0)) this.#deliver(receipt);
  }

  #onSubmit(session: Session, pdu: PDU): void {
    const to = pdu.destination_addr ?? '';
    const place = pdu.short_message?.udh?.[0]?.[4] ?? pdu.sar_segment_seqnum ?? 1;
    const key = `${to}/${place}`;
    const time = (this.#times.get(key) ?? 0) + 1;
    this.#times.set(key, time);
    const treatment = this.#options.treat({ to, place, time, pdu });
    this.#latestId += 1;
    const id = `msg_${this.#latestId.toString(16)}`;
    if (typeof treatment.answer === 'string') {
      this.taken.set(key, (this.taken.get(key) ?? 0) + 1);
      for (const afterMs of treatment.receiptsAfterMs ?? []) this.#schedule({ id, source: to }, afterMs);
    }
    const answer = typeof treatment.answer === 'number' ? { command_status: treatment.answer } : { message_id: id };
    if (treatment.answer !== 'silence')
      this.#later(treatment.answerAfterMs ?? 0, () => session.send(pdu.response(answer)));
    if (treatment.disturbance !== undefined) this.#disturb(session, treatment.disturbance);
  }

  #disturb(session: Session, how: 'destroy' | 'unbind' | 'garbage'): void {
    switch (how) {
      case 'destroy':
        session.destroy();
        return;
      case 'unbind':
        session.unbind(() => session.close());
        return;
      case 'garbage':
        session.socket.write(Buffer.from('\xff\xfe this is not what SMPP looks like', 'latin1'));
        return;
    }
  }

  #schedule(receipt: Receipt, afterMs: number): void {
    this.#scheduled += 1;
    this.#later(afterMs, () => {
      this.#scheduled -= 1;
      this.#deliver(receipt);
    });
  }

  /** Over the connection that was made last; one that is not answered is sent again over the next. */
  #deliver(receipt: Receipt): void {
    const session = [...this.sessions].at(-1);
    if (session === undefined || !session.socket.writable) {
      this.#waiting.push(receipt);
      return;
    }
    const open = this.#unanswered.get(session);
    open?.add(receipt);
    const text = `id:${receipt.id} sub:001 dlvrd:001 submit date:2611261858 done date:2611261859 stat:DELIVRD err:000 text:`;
    const fields = { esm_class: 4, source_addr: receipt.source, short_message: Buffer.from(text) };
    session.deliver_sm(fields, (answer) => {
      open?.delete(receipt);
      if (answer.command_status !== 0) this.#schedule(receipt, 100);
    });
  }

  #onClose(session: Session): void {
    this.sessions.delete(session);
    const open = this.#unanswered.get(session) ?? [];
    this.#unanswered.delete(session);
    this.#waiting.push(...open);
    if (this.sessions.size > 0) for (const receipt of this.#waiting.splice(0)) this.#deliver(receipt);
  }

  /** At once where nothing is to be waited for: a timer would change the order. */
  #later(afterMs: number, action: () => void): void {
    if (afterMs <= 0) {
      action();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, afterMs);
    this.#timers.add(timer);
  }
}
