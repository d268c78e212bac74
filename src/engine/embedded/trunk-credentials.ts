import type { TrunkTarget } from '../../call/engine.ts';
import type { Credentials } from '../../telephony/sip/endpoint-types.ts';

/** What a challenge is answered with; null: the trunk is no account. */
export function credentialsOf({ username, authUsername, password }: TrunkTarget): Credentials | null {
  const user = authUsername ?? username;
  return user === null || password === null ? null : { username: user, password };
}
