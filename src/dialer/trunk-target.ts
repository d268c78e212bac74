import type { TrunkTarget } from '../call/engine.ts';
import type { Trunk } from '../domain/trunk/trunk.ts';

/** The trunk as the engine needs it. */
export function targetOf(trunk: Trunk): TrunkTarget {
  return {
    trunkId: trunk.trunkId,
    host: trunk.host,
    port: trunk.port,
    transport: trunk.transport,
    outboundProxy: trunk.outboundProxy,
    username: trunk.username,
    authUsername: trunk.authUsername,
    password: trunk.password,
    codecs: trunk.codecs,
    tls: {
      caCertificates: trunk.tlsCaCertificates,
      certificate: trunk.tlsCertificate,
      privateKey: trunk.tlsPrivateKey,
      serverName: trunk.tlsServerName,
      isVerified: trunk.tlsIsVerified,
    },
    mediaEncryption: trunk.mediaEncryption,
    dtmf: trunk.dtmf,
    offer: trunk.offer,
    sessionExpiresS: trunk.sessionExpiresS,
    maxRedirects: trunk.maxRedirects,
    fromUser: trunk.fromUser,
    fromDomain: trunk.fromDomain,
    identity: trunk.identity,
    isPrivate: trunk.isPrivate,
    headers: trunk.headers,
  };
}
