export type BatchLimits = {
  /** Loads under way at a time. */
  readonly atOnce: number;
  /** Keys of one load. */
  readonly most: number;
};

type Waiting<K, V> = {
  readonly key: K;
  readonly resolve: (value: V) => void;
  readonly reject: (reason: unknown) => void;
};

/**
 * Lets what is asked for one by one be loaded together: everything that comes while `atOnce` loads are under way waits for the next one. Who comes alone is served at
 * once, and the busier it gets, the less each one costs. Nothing is remembered: every load begins after it was asked for. A load that fails fails for all of its keys.
 */
export class Batches<K, V> {
  readonly #load: (keys: readonly K[]) => Promise<readonly V[]>;
  readonly #limits: BatchLimits;
  #waiting: Waiting<K, V>[] = [];
  #underWay = 0;
  #isScheduled = false;

  /** `load` resolves to one value for each key, in their order. */
  constructor(load: (keys: readonly K[]) => Promise<readonly V[]>, limits: BatchLimits) {
    this.#load = load;
    this.#limits = limits;
  }

  get(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      this.#schedule();
    });
  }

  /** After what has arrived together with it was read: that goes along. */
  #schedule(): void {
    if (this.#isScheduled || this.#underWay >= this.#limits.atOnce) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const batch = this.#waiting.splice(0, this.#limits.most);
      if (batch.length === 0) return;
      this.#underWay++;
      void this.#serve(batch);
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  /** Never rejects. */
  async #serve(batch: readonly Waiting<K, V>[]): Promise<void> {
    try {
      const values = await this.#load(batch.map(({ key }) => key));
      if (values.length !== batch.length) throw new Error(`${values.length} values for ${batch.length} keys`);
      for (const [index, value] of values.entries()) batch[index]?.resolve(value);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.#underWay--;
    if (this.#waiting.length > 0) this.#schedule();
  }
}
