import type { CallEngine, TrunkRegistration, TrunkRegistrationStatus } from '../call/engine.ts';
import type { Trunk } from '../domain/trunk/trunk.ts';
import type { Logger } from '../lib/logger.ts';
import { targetOf } from './trunk-target.ts';

export type TrunkRegistrarOptions = {
  readonly engine: Pick<CallEngine, 'register'>;
  readonly logger: Logger;
  /** A trunk is registered now. */
  readonly onRegistered: () => void;
};

type Entry = {
  readonly registration: TrunkRegistration;
  /** All that the registration depends on, as text. */
  readonly settings: string;
  status: TrunkRegistrationStatus;
  isClosing: boolean;
};

const beginning: TrunkRegistrationStatus = { state: 'registering', expiresAt: null, nextTryAt: null, reason: null };

/**
 * One registration for each trunk that registers, as long as it is enabled. When its settings change the old one is taken back first: the registrar tells
 * bindings apart by our address, so that the end of the old one would end the new one too.
 */
export class TrunkRegistrar {
  readonly #options: TrunkRegistrarOptions;
  readonly #entries = new Map<number, Entry>();
  #isClosed = false;

  constructor(options: TrunkRegistrarOptions) {
    this.#options = options;
  }

  /** Begins, ends and begins anew what the operators' settings ask for. Call it again and again: a change takes effect when the old registration is gone. */
  refresh(trunks: readonly Trunk[]): void {
    if (this.#isClosed) return;
    const wanted = trunks.filter((trunk) => trunk.isEnabled && trunk.registers);
    const settings = new Map(wanted.map((trunk) => [trunk.trunkId, settingsOf(trunk)]));
    for (const [trunkId, entry] of this.#entries) {
      if (settings.get(trunkId) !== entry.settings) void this.#end(trunkId, entry);
    }
    for (const trunk of wanted) if (!this.#entries.has(trunk.trunkId)) this.#begin(trunk);
  }

  /** How the trunk's registration stands; null: it does not register. */
  statusOf(trunk: Trunk): TrunkRegistrationStatus | null {
    if (!trunk.registers) return null;
    const entry = this.#entries.get(trunk.trunkId);
    return entry === undefined || entry.isClosing ? beginning : entry.status;
  }

  /** Takes all of them back. The engine waits for the answers when it is closed. */
  close(): void {
    this.#isClosed = true;
    for (const [trunkId, entry] of this.#entries) void this.#end(trunkId, entry);
  }

  #begin(trunk: Trunk): void {
    const { engine, logger, onRegistered } = this.#options;
    const { trunkId, name, registerExpiresS } = trunk;
    const registration = engine.register({ trunk: targetOf(trunk), expiresS: registerExpiresS }, (status) => {
      const before = entry.status;
      entry.status = status;
      if (status.state === before.state && status.reason === before.reason) return;
      const fields = { trunkId, trunk: name, state: status.state, reason: status.reason };
      if (status.reason === null) logger.info(fields, 'trunk registration changed');
      else logger.warn(fields, 'trunk registration changed');
      if (status.state === 'registered') onRegistered();
    });
    const entry: Entry = { registration, settings: settingsOf(trunk), status: beginning, isClosing: false };
    this.#entries.set(trunkId, entry);
  }

  /** Never rejects. */
  async #end(trunkId: number, entry: Entry): Promise<void> {
    if (entry.isClosing) return;
    entry.isClosing = true;
    await entry.registration.close();
    this.#entries.delete(trunkId);
  }
}

function settingsOf(trunk: Trunk): string {
  const { host, port, transport, outboundProxy, username, authUsername, password, tls, fromDomain } = targetOf(trunk);
  const { registerExpiresS } = trunk;
  return JSON.stringify([
    [host, port, transport, outboundProxy, username, authUsername, password, tls, fromDomain],
    registerExpiresS,
  ]);
}
