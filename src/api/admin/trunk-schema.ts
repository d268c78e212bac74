import { type Static, Type } from 'typebox';
import { trunkCodecs } from '../../domain/trunk/trunk.ts';
import { trunkDefaults } from '../../domain/trunk/trunk-defaults.ts';
import { closed, name, oneOf, orNull, rowId, timestamp, trunkRegistration } from './schema.ts';

const digits = (description: string) => Type.String({ maxLength: 20, description, examples: ['4930123456'] });
const flag = (description: string) => Type.Boolean({ description });
const wholeNumber = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description });
const pem = (description: string) =>
  orNull(Type.String({ maxLength: 65_536, description, examples: ['-----BEGIN CERTIFICATE-----\n...'] }));

const header = Type.Object(
  {
    name: Type.String({ maxLength: 64, examples: ['X-Account'] }),
    value: Type.String({ maxLength: 512, examples: ['42', 'task=${taskId}'] }),
  },
  closed,
);

/** How a trunk is reached and who we are there. */
const access = {
  name,
  host: Type.String({
    minLength: 1,
    maxLength: 255,
    description:
      'host name or address: the domain that numbers are called at, and where requests go without outboundProxy',
    examples: ['sip.example.com', '192.0.2.10'],
  }),
  port: orNull(wholeNumber(1, 65_535, 'null: found by DNS (RFC 3263), else 5060, or 5061 for TLS')),
  transport: orNull(oneOf(['udp', 'tcp', 'tls'], 'null: what DNS says, else UDP')),
  outboundProxy: orNull(
    Type.String({
      maxLength: 255,
      description: 'a SIP URI that every request goes through first',
      examples: ['sip:proxy.example.com;lr'],
    }),
  ),
  username: orNull(Type.String({ maxLength: 128, description: 'the account; the user in From and in registrations' })),
  authUsername: orNull(Type.String({ maxLength: 128, description: 'the digest user where it is not username' })),
  registers: flag('register there, and make no calls while not registered'),
  registerExpiresS: wholeNumber(60, 86_400, 'how long a registration is asked to last, s'),
};

/** How calls are protected and spoken about. */
const signalling = {
  tlsCaCertificates: pem('whom to trust, PEM; null: whom the system trusts'),
  tlsCertificate: pem('our own certificate and its chain, PEM, where the trunk asks for one'),
  tlsServerName: orNull(
    Type.String({ maxLength: 253, description: "the name in the trunk's certificate; null: the host" }),
  ),
  tlsIsVerified: flag("check the trunk's certificate; false: anybody may pretend to be the trunk"),
  mediaEncryption: oneOf(['none', 'sdes'], 'sdes: SRTP is offered (RFC 4568) and nothing else is taken'),
  dtmf: oneOf(
    ['auto', 'auto_info', 'rfc4733', 'info', 'inband', 'all'],
    'how keys travel. auto: RFC 4733 where agreed on, else tones; auto_info: else INFO; all: tones are listened for beside RFC 4733; keys by INFO are always heard',
  ),
  offer: oneOf(['early', 'late'], 'late: the INVITE has no SDP, the trunk offers in its 2xx'),
  sessionExpiresS: orNull(wholeNumber(90, 86_400, 'session timer that is asked for (RFC 4028), s; null: none')),
  maxRedirects: wholeNumber(0, 10, 'other addresses that a redirected call (3xx) may try in all; 0: none'),
  codecs: Type.Array(oneOf(trunkCodecs), {
    minItems: 1,
    maxItems: trunkCodecs.length,
    description: 'best first; G722 and opus carry sound up to 8 kHz, where the carrier does',
  }),
};

/** What is dialed and shown. */
const numbers = {
  stripPrefix: digits('cut off numbers that start with it'),
  addPrefix: Type.String({ maxLength: 20, description: 'put in front after stripPrefix', examples: ['00', '9988#'] }),
  hasPlus: flag('a plus in front of it all'),
  callerIds: Type.Array(digits('a number, digits only'), {
    maxItems: 1000,
    description: 'shown when a task has no displayNum; empty: the username, else anonymous',
  }),
  callerIdChoice: oneOf(
    ['fixed', 'round_robin', 'by_callee'],
    'fixed: the first; round_robin: in turn; by_callee: the same for the same callee on every recall',
  ),
  callerIdHasPlus: flag('a plus in front of the caller id, also of a displayNum'),
  fromUser: oneOf(['username', 'caller_id'], 'the user in From, where there is an account'),
  fromDomain: orNull(
    Type.String({ maxLength: 253, description: 'the domain of From; null: the host for an account, else our address' }),
  ),
  identity: oneOf(['none', 'p_asserted', 'remote_party'], 'P-Asserted-Identity or Remote-Party-ID with the caller id'),
  isPrivate: flag('hide the caller id from the callee: anonymous From, Privacy: id'),
  headers: Type.Array(header, {
    maxItems: 20,
    description: 'added to each INVITE, in order; values may hold ${number}, ${callerId}, ${taskId}, ${seq}',
  }),
};

/** Which calls go there, and how many. */
const use = {
  prefixes: Type.Array(digits("the beginning of callees' numbers"), {
    maxItems: 1000,
    description: 'numbers served, before rewriting; the longest match wins; empty: all',
  }),
  priority: wholeNumber(0, 10_000, 'lower is tried first'),
  weight: wholeNumber(1, 10_000, 'the share among equal priorities'),
  maxCps: wholeNumber(1, 100_000, 'new calls a second'),
  maxChannels: wholeNumber(1, 1_000_000, 'calls at once'),
  optionsIntervalS: wholeNumber(0, 3600, 'between two OPTIONS, s; 0: only when calls fail'),
  breakerFailures: wholeNumber(1, 1000, 'failures in a row after which no calls are made for a while'),
  breakerFailurePercent: wholeNumber(1, 100, 'share of failed calls after which no calls are made for a while'),
  isEnabled: flag('false: no new calls'),
};

const readable = { ...access, ...signalling, ...numbers, ...use };
const written = {
  ...readable,
  password: orNull(Type.String({ maxLength: 128, description: 'write-only; see hasPassword' })),
  tlsPrivateKey: orNull(
    Type.String({ maxLength: 65_536, description: 'of tlsCertificate, PEM, write-only; see hasTlsPrivateKey' }),
  ),
};

export const trunkChangeSchema = Type.Partial(Type.Object(written), closed);
export type TrunkChangeBody = Static<typeof trunkChangeSchema>;

/** As a change, with what is left out filled from the defaults. */
export const newTrunkSchema = Type.Object(
  { ...Type.Partial(Type.Object(withDefaults(written))).properties, name, host: access.host },
  closed,
);

export const trunkSchema = Type.Object({
  trunkId: rowId,
  ...readable,
  hasPassword: Type.Boolean(),
  hasTlsPrivateKey: Type.Boolean(),
  createdAt: timestamp,
  updatedAt: timestamp,
});

const examinedServer = Type.Object(
  {
    address: Type.String(),
    port: Type.Integer(),
    transport: oneOf(['udp', 'tcp', 'tls']),
    tlsServerName: orNull(Type.String({ description: 'the name that its certificate must carry; null: no TLS' })),
    status: orNull(Type.Integer({ description: 'SIP status of its answer to OPTIONS; null: none came' })),
    reason: Type.String({
      description: 'its words, or why no answer came',
      examples: ['OK', 'no answer', 'self-signed certificate'],
    }),
    roundTripMs: orNull(Type.Integer()),
    seenAddress: orNull(
      Type.String({
        description:
          'our own address as the server sees it, where that is another than we say: behind a NAT, set CARILLON_SIP_PUBLIC_HOST',
        examples: ['198.51.100.7:5060'],
      }),
    ),
  },
  { description: 'in the order in which a call would try them' },
);

export const trunkTestSchema = Type.Object({
  trunkId: rowId,
  at: timestamp,
  isReachable: Type.Boolean({ description: 'whether any server answered any process, other than by 408 or 503' }),
  processes: Type.Array(
    Type.Object({
      processId: Type.String(),
      host: Type.String({ description: 'the machine: a carrier may know one and not the other' }),
      problem: orNull(
        Type.String({ description: 'why nobody could be asked', examples: ['cannot resolve sip.example.com: ...'] }),
      ),
      servers: Type.Array(examinedServer),
      registration: orNull(trunkRegistration),
    }),
    { description: 'what each live dialer process saw; empty: none is running' },
  ),
});

/** Says the defaults in the description; nothing fills them in here. */
function withDefaults<T extends object>(properties: T): T {
  const defaults: Readonly<Record<string, unknown>> = trunkDefaults;
  const described = Object.entries(properties).map(([key, schema]) =>
    key in defaults ? [key, { ...schema, default: defaults[key] }] : [key, schema],
  );
  return Object.fromEntries(described);
}
