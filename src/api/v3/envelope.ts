/** How an endpoint writes its two result numbers: the samples of the contract differ, and clients compare strictly (contract 15.2). */
export type Literals = { readonly code: 'number' | 'string'; readonly status: 'number' | 'string' };

/** What most endpoints write. */
export const usualLiterals: Literals = { code: 'number', status: 'string' };

/** The body of every answer of the dialect: both pairs, with the same meaning. */
export type Envelope = {
  readonly code: number | string;
  readonly msg: string;
  readonly status: number | string;
  readonly reason: string;
  readonly data: unknown;
};

export function succeeded(literals: Literals, data: unknown): Envelope {
  return envelope(literals, 0, 'success', data);
}

/** For endpoints whose clients read the data beside the result (contract 12.1); it is under `data`, too, as everywhere. */
export function succeededFlat(literals: Literals, data: object): Envelope {
  return { ...data, ...succeeded(literals, data) };
}

export function failed(literals: Literals, code: number, message: string): Envelope {
  return envelope(literals, code, message, null);
}

function envelope(literals: Literals, code: number, message: string, data: unknown): Envelope {
  return {
    code: literals.code === 'string' ? String(code) : code,
    msg: message,
    status: literals.status === 'string' ? String(code) : code,
    reason: message,
    data,
  };
}
