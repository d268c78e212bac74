/** A record of RFC 3403: where a domain says which service it offers under which name. */
export type NaptrRecord = {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly services: string;
  readonly regexp: string;
  readonly replacement: string;
};

/** A record of RFC 2782. `target` is `.` where the service is decidedly not offered. */
export type SrvRecord = {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
};

/** What the records of a type come as; addresses as text. */
export type DnsRecords = {
  readonly naptr: NaptrRecord;
  readonly srv: SrvRecord;
  readonly a: string;
  readonly aaaa: string;
};

export type DnsType = keyof DnsRecords;

/** What is known of a name, and for how many seconds that may be believed. */
export type DnsAnswer<T extends DnsType> =
  | { readonly kind: 'records'; readonly records: readonly DnsRecords[T][]; readonly ttlS: number }
  /** The name has no such records; `isNameKnown` where it has others. */
  | { readonly kind: 'none'; readonly isNameKnown: boolean; readonly ttlS: number }
  /** Nobody could tell. */
  | { readonly kind: 'failed'; readonly reason: string; readonly ttlS: number };

/** Asks for the records of a name, by type. Names are absolute, with or without the last dot. Never rejects. */
export type DnsResolver = { readonly [T in DnsType]: (name: string) => Promise<DnsAnswer<T>> };

/** Seconds that a failure to find out is believed: a thousand calls must not ask a thousand times. */
export const failedTtlS = 5;
