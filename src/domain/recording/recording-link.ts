import { createHmac, timingSafeEqual } from 'node:crypto';

/** A signed way to a recording, for whoever has it until it expires. */
export type RecordingLink = { readonly url: string; readonly expiresAt: number };

export type LinkOptions = {
  readonly secret: Buffer;
  /** What the link begins with, without a slash at its end. */
  readonly baseUrl: string;
  /** When it stops working, ms since the epoch. */
  readonly expiresAt: number;
};

/** What a link says about itself, as it came in. */
export type GivenLink = { readonly fileId: string; readonly expires: string; readonly signature: string };

/** The purpose that links are signed for (`secretFor`). */
export const recordingLinkPurpose = 'recording link';

export function signRecordingLink(fileId: string, { secret, baseUrl, expiresAt }: LinkOptions): RecordingLink {
  const signature = signatureOf(secret, fileId, String(expiresAt)).toString('base64url');
  return {
    url: `${baseUrl}/recordings/${fileId}?${new URLSearchParams({ expires: String(expiresAt), signature })}`,
    expiresAt,
  };
}

/** Why a link does not hold; null: it does. Whether it has expired is said of links only that were ours. */
export function linkProblem(link: GivenLink, secret: Buffer, nowMs: number): 'forged' | 'expired' | null {
  const expected = signatureOf(secret, link.fileId, link.expires);
  const given = Buffer.from(link.signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'forged';
  return Number(link.expires) > nowMs ? null : 'expired';
}

function signatureOf(secret: Buffer, fileId: string, expires: string): Buffer {
  return createHmac('sha256', secret).update(`${fileId}\n${expires}`).digest();
}
