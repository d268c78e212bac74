import type { TrunkTarget } from '../../src/call/engine.ts';
import type { Trunk } from '../../src/domain/trunk/trunk.ts';
import { trunkDefaults } from '../../src/domain/trunk/trunk-defaults.ts';

/** A trunk as the engine sees it: a peer by address, over UDP, with nothing special. */
export function trunkTarget(changes: Partial<TrunkTarget> = {}): TrunkTarget {
  return {
    trunkId: 1,
    host: '127.0.0.1',
    port: 5060,
    transport: null,
    outboundProxy: null,
    username: null,
    authUsername: null,
    password: null,
    codecs: ['PCMA', 'PCMU'],
    tls: { caCertificates: null, certificate: null, privateKey: null, serverName: null, isVerified: true },
    mediaEncryption: 'none',
    dtmf: 'auto',
    offer: 'early',
    sessionExpiresS: null,
    maxRedirects: 0,
    fromUser: 'username',
    fromDomain: null,
    identity: 'none',
    isPrivate: false,
    headers: [],
    ...changes,
  };
}

/** A trunk as it is stored: a peer by address, over UDP, with nothing special; no OPTIONS, and no circuit but for failures in a row. */
export function storedTrunk(trunkId: number, changes: Partial<Trunk> = {}): Trunk {
  return {
    ...trunkDefaults,
    trunkId,
    name: `t${trunkId}`,
    host: `192.0.2.${trunkId}`,
    port: 5060,
    codecs: ['PCMA'],
    sessionExpiresS: null,
    maxCps: 100,
    priority: trunkId,
    maxChannels: 10,
    optionsIntervalS: 0,
    breakerFailurePercent: 100,
    createdAt: new Date(0),
    updatedAt: new Date(0),
    ...changes,
  };
}
