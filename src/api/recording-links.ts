import type { Db } from '../db/tables.ts';
import {
  type GivenLink,
  linkProblem,
  type RecordingLink,
  recordingLinkPurpose,
  signRecordingLink,
} from '../domain/recording/recording-link.ts';
import { secretFor } from '../domain/secret/secret-store.ts';
import type { Clock } from '../lib/clock.ts';

export type RecordingLinksOptions = {
  readonly db: Db;
  readonly clock: Clock;
  /** What links begin with, without a slash at its end; null: where the request for one was sent to. */
  readonly publicUrl: string | null;
  readonly lifetimeMs: number;
};

/** Makes and checks the links by which recordings are fetched. */
export class RecordingLinks {
  readonly #options: RecordingLinksOptions;
  #secret: Promise<Buffer> | null = null;

  constructor(options: RecordingLinksOptions) {
    this.#options = options;
  }

  /** `origin`: scheme and host of the request. */
  async make(fileId: string, origin: string): Promise<RecordingLink> {
    const { clock, publicUrl, lifetimeMs } = this.#options;
    return signRecordingLink(fileId, {
      secret: await this.#readSecret(),
      baseUrl: publicUrl ?? origin,
      expiresAt: clock.now() + lifetimeMs,
    });
  }

  /** As {@link linkProblem}, now. */
  async problemOf(link: GivenLink): Promise<'forged' | 'expired' | null> {
    return linkProblem(link, await this.#readSecret(), this.#options.clock.now());
  }

  /** Read once; after a failure again. */
  #readSecret(): Promise<Buffer> {
    this.#secret ??= secretFor(this.#options.db, recordingLinkPurpose).catch((error: unknown) => {
      this.#secret = null;
      throw error;
    });
    return this.#secret;
  }
}
