import type { TrunkTarget } from '../../call/engine.ts';
import type { Hop, RedirectionOptions } from '../../telephony/sip/endpoint-types.ts';
import { parseSipUri } from '../../telephony/sip/message/sip-uri.ts';

/** Where a URI of a trunk leads (see `LegContext`). */
type Locate = (uri: string, trunk: TrunkTarget) => Promise<readonly Hop[]>;

/**
 * How a call over the trunk is redirected; null: not at all. Whoever the trunk sends us on to is located as the trunk is, and believed by the same
 * authorities, but must carry its own name, and is not shown our certificate.
 */
export function redirectionOf(trunk: TrunkTarget, locate: Locate): RedirectionOptions | null {
  if (trunk.maxRedirects === 0) return null;
  const stranger: TrunkTarget = {
    ...trunk,
    tls: { ...trunk.tls, certificate: null, privateKey: null, serverName: null },
  };
  return {
    maxTargets: trunk.maxRedirects,
    locate: (uri) => {
      const isOwn = parseSipUri(uri)?.host === trunk.host.toLowerCase();
      // Without the user: one server is one place, whoever is called there.
      return locate(uri.replace(/^(sips?:)[^@]*@/i, '$1'), isOwn ? trunk : stranger);
    },
  };
}
