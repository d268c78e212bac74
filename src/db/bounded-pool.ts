import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { type Clock, systemClock, type Timer } from '../lib/clock.ts';
import { InfrastructureError } from '../lib/errors.ts';
import { preparedName } from './prepared-statement.ts';

type NamedStatement = { readonly name: string; readonly text: string; readonly values: unknown[] };

/** What `pg` has beyond what Kysely needs: statements with names, which it prepares. */
type NamingClient = PostgresPoolClient & { query<R>(statement: NamedStatement): Promise<PostgresQueryResult<R>> };
type NamingPool = Pick<PostgresPool, 'end'> & { connect(): Promise<NamingClient> };

/**
 * A pool whose statements are answered in time or fail. A server that is frozen, or whose machine is gone, leaves its connections open, and the kernel
 * notices nothing for minutes. So a connection that owes an answer for `answerLimitMs` is closed, which fails at once whatever
 * else waits on it, a rollback say; `pg`'s own `query_timeout` would give it back to the pool with the old statement still on it.
 */
export function boundedPool(pool: NamingPool, answerLimitMs: number, clock: Clock = systemClock): PostgresPool {
  return {
    connect: async () => new BoundedClient(await pool.connect(), answerLimitMs, clock),
    end: () => pool.end(),
    options: {},
  };
}

/** A connection for as long as it is checked out. */
class BoundedClient implements PostgresPoolClient {
  readonly #client: NamingClient;
  readonly #answerLimitMs: number;
  readonly #clock: Clock;
  #isReleased = false;
  #failure: InfrastructureError | null = null;

  constructor(client: NamingClient, answerLimitMs: number, clock: Clock) {
    this.#client = client;
    this.#answerLimitMs = answerLimitMs;
    this.#clock = clock;
  }

  query<R>(statement: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    statement: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    // COPY: how long it takes is up to the rows; the server's own limit holds.
    if (typeof statement !== 'string') return this.#client.query(statement);
    // The rollback after it: what went wrong is what is to be told.
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const name = preparedName(statement);
    if (name === null) return this.#inTime(this.#client.query<R>(statement, parameters));
    return this.#inTime(this.#client.query<R>({ name, text: statement, values: [...parameters] }));
  }

  release(isBroken?: boolean): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#client.release(isBroken);
  }

  async #inTime<R>(answer: Promise<R>): Promise<R> {
    let timer: Timer | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = this.#clock.setTimer(() => {
        this.#failure = new InfrastructureError('PostgreSQL does not answer', { retryable: true });
        reject(this.#failure);
        this.release(true);
      }, this.#answerLimitMs);
    });
    try {
      return await Promise.race([answer, limit]);
    } finally {
      timer?.cancel();
    }
  }
}
