/** The crypto-suites that are spoken, by their names in SDP (RFC 4568 6.2, RFC 6188 4, RFC 7714 14.2). */
export type SrtpSuiteName =
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AEAD_AES_128_GCM'
  | 'AEAD_AES_256_GCM';

/** What a suite asks for; lengths in bytes. */
export type SrtpSuite = {
  readonly mode: 'counter' | 'gcm';
  readonly keyBytes: 16 | 32;
  readonly saltBytes: number;
  readonly tagBytes: number;
};

export const srtpSuites: Readonly<Record<SrtpSuiteName, SrtpSuite>> = {
  AES_CM_128_HMAC_SHA1_80: { mode: 'counter', keyBytes: 16, saltBytes: 14, tagBytes: 10 },
  AES_CM_128_HMAC_SHA1_32: { mode: 'counter', keyBytes: 16, saltBytes: 14, tagBytes: 4 },
  AES_256_CM_HMAC_SHA1_80: { mode: 'counter', keyBytes: 32, saltBytes: 14, tagBytes: 10 },
  AEAD_AES_128_GCM: { mode: 'gcm', keyBytes: 16, saltBytes: 12, tagBytes: 16 },
  AEAD_AES_256_GCM: { mode: 'gcm', keyBytes: 32, saltBytes: 12, tagBytes: 16 },
};

export function isSrtpSuiteName(name: string): name is SrtpSuiteName {
  return Object.hasOwn(srtpSuites, name);
}

/** Length of a suite's `inline` key: the master key, then the master salt (RFC 4568 6.1). */
export function masterKeyBytes(name: SrtpSuiteName): number {
  return srtpSuites[name].keyBytes + srtpSuites[name].saltBytes;
}

/** How one direction is protected. Secret: never logged. */
export type SrtpKey = {
  readonly suite: SrtpSuiteName;
  /** Master key and master salt in one, of {@link masterKeyBytes}. */
  readonly masterKey: Uint8Array;
};

/** Both directions of one stream; the two keys differ (RFC 4568 6.1). */
export type SrtpKeys = {
  /** For what we send. */
  readonly send: SrtpKey;
  /** For what the far side sends. */
  readonly receive: SrtpKey;
};
