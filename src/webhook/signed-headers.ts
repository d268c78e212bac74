import { signatureHeader } from './signature.ts';

export type HeaderFacts = {
  readonly secret: string;
  /** Of this POST. */
  readonly deliveryId: string;
  readonly now: Date;
};

/** What a signed POST says beside its body (contract 10, 15.11). */
export function signedHeaders(body: string, { secret, deliveryId, now }: HeaderFacts): Record<string, string> {
  return {
    'content-type': 'application/json;charset=UTF-8',
    'user-agent': 'Carillon',
    'carillon-delivery': deliveryId,
    'carillon-signature': signatureHeader(secret, body, Math.floor(now.getTime() / 1000)),
  };
}
