import type { Clock } from '../lib/clock.ts';

/** A step's moment twice: for the record, and for measuring. */
type Moment = { readonly at: Date; readonly monotonic: number };

/** When what happened to a call. Each step counts once, the first time; a ring or an answer is of the last leg by nature. */
export class CallTimes {
  readonly #clock: Clock;
  readonly #claimed: number;
  #invited: Moment | null = null;
  #ringing: Moment | null = null;
  #answered: Moment | null = null;
  #media: Moment | null = null;
  #hungUp: Moment | null = null;
  #ended: Moment | null = null;

  /** `claimedAt` is monotonic. */
  constructor(clock: Clock, claimedAt: number) {
    this.#clock = clock;
    this.#claimed = claimedAt;
  }

  get invitedAt(): Date | null {
    return this.#invited?.at ?? null;
  }
  get ringingAt(): Date | null {
    return this.#ringing?.at ?? null;
  }
  get answeredAt(): Date | null {
    return this.#answered?.at ?? null;
  }
  /** Our hang-up of an answered call is its end; the far side's answer to the BYE may take 32 s more, or never come. */
  get endedAt(): Date | null {
    return this.#endMoment?.at ?? null;
  }

  invite(): void {
    this.#invited ??= this.#moment();
  }
  ring(): void {
    this.#ringing ??= this.#moment();
  }
  answer(): void {
    this.#answered ??= this.#moment();
  }
  media(): void {
    this.#media ??= this.#moment();
  }
  hangUp(): void {
    if (this.#answered) this.#hungUp ??= this.#moment();
  }
  end(): void {
    this.#ended ??= this.#moment();
  }

  /** Whole milliseconds between the steps, for the call's one log line; null: the step was not reached. */
  latencies(): Record<string, number | null> {
    const between = (from: number | undefined, to: Moment | null): number | null =>
      from === undefined || !to ? null : Math.round(to.monotonic - from);
    return {
      claimToInviteMs: between(this.#claimed, this.#invited),
      inviteToRingingMs: between(this.#invited?.monotonic, this.#ringing),
      inviteToAnswerMs: between(this.#invited?.monotonic, this.#answered),
      answerToMediaMs: between(this.#answered?.monotonic, this.#media),
      answerToEndMs: between(this.#answered?.monotonic, this.#endMoment),
      totalMs: between(this.#claimed, this.#ended),
    };
  }

  get #endMoment(): Moment | null {
    return this.#ended && (this.#hungUp ?? this.#ended);
  }

  #moment(): Moment {
    return { at: new Date(this.#clock.now()), monotonic: this.#clock.monotonic() };
  }
}
