/** The platform understood the request and refused it (contract 13.1). Carillon has changed nothing then; the vendor does not say what it means by -18. */
export class CarillonError extends Error {
  /** Below zero: -1 authentication, -22 parameter, -24 no such thing... */
  readonly code: number;
  /** What the platform says, in the account's language. */
  readonly reason: string;
  /** 200 but for unknown paths. */
  readonly httpStatus: number;
  /** Method and path of the request. */
  readonly endpoint: string;

  constructor(
    endpoint: string,
    answer: { readonly code: number; readonly reason: string; readonly httpStatus: number },
  ) {
    super(`${endpoint}: ${answer.reason} (code ${answer.code})`);
    this.name = 'CarillonError';
    this.endpoint = endpoint;
    this.code = answer.code;
    this.reason = answer.reason;
    this.httpStatus = answer.httpStatus;
  }
}

/** There was no answer, or none in the dialect's form. `cause` is what happened. */
export class CarillonConnectionError extends Error {
  /** Method and path of the request. */
  readonly endpoint: string;
  /** Null: no HTTP answer came. */
  readonly httpStatus: number | null;
  /**
   * The request would have changed something, and may have: look with a query whether it did before it is sent again. False for reads, and where it is known that it
   * never left or was turned away before the platform had it.
   */
  readonly isOutcomeUnknown: boolean;

  constructor(message: string, facts: ConnectionFacts) {
    super(`${facts.endpoint}: ${message}`, { cause: facts.cause });
    this.name = 'CarillonConnectionError';
    this.endpoint = facts.endpoint;
    this.httpStatus = facts.httpStatus;
    this.isOutcomeUnknown = facts.isOutcomeUnknown;
  }
}

/** No answer within the time allowed. */
export class CarillonTimeoutError extends CarillonConnectionError {
  readonly timeoutMs: number;

  constructor(timeoutMs: number, facts: ConnectionFacts) {
    super(`no answer within ${timeoutMs} ms`, facts);
    this.name = 'CarillonTimeoutError';
    this.timeoutMs = timeoutMs;
  }
}

/** A report whose signature does not hold: it is not from the platform, was changed on the way, or is too old. */
export class CarillonSignatureError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CarillonSignatureError';
  }
}

/** What is known of a request that was not answered. */
export type ConnectionFacts = {
  readonly endpoint: string;
  readonly httpStatus: number | null;
  readonly isOutcomeUnknown: boolean;
  readonly cause: unknown;
};
