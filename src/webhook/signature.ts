import { createHmac } from 'node:crypto';

/**
 * What proves to a receiver that a body is ours, and when it was sent (contract 15.11): `t=<unix s>,v1=<hex HMAC-SHA256 of "t.body">`. The time is signed with the
 * body, so that a receiver who refuses old ones cannot be sent a recorded POST again.
 */
export function signatureHeader(secret: string, body: string, unixS: number): string {
  return `t=${unixS},v1=${createHmac('sha256', secret).update(`${unixS}.${body}`).digest('hex')}`;
}
