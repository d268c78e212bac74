import { isIP, isIPv6 } from 'node:net';
import { dtmfModes } from '../../call/dtmf-mode.ts';
import { headersProblem } from './header-problem.ts';
import { tlsProblem } from './tls-problem.ts';
import { type Trunk, type TrunkChange, type TrunkSettings, trunkCodecs } from './trunk.ts';

/** A field and its rule, in words that say what to do. */
export type TrunkProblem = readonly [field: keyof TrunkSettings, rule: string];

/** What is wrong with a value; null: nothing. A setting that is null is not asked about. */
type Rule<T> = (value: T) => string | null;

type Rules = { readonly [K in keyof TrunkSettings]: Rule<NonNullable<TrunkSettings[K]>> };

/** For what the type alone decides. */
const anything: Rule<unknown> = () => null;

const rules: Rules = {
  name: (name) => (name.trim() === '' ? 'must not be empty' : null),
  host: hostRule,
  port: wholeNumber(1, 65_535),
  transport: oneOf('udp', 'tcp', 'tls'),
  outboundProxy: (uri) => (sipUri.test(uri) ? null : 'must be a SIP URI such as sip:proxy.example.com:5060;lr'),
  username: text(128),
  authUsername: text(128),
  password: text(128),
  registers: anything,
  registerExpiresS: wholeNumber(60, 86_400),
  tlsCaCertificates: anything,
  tlsCertificate: anything,
  tlsPrivateKey: anything,
  tlsServerName: (name) => (isHostName(name) ? null : 'must be a host name such as sip.example.com'),
  tlsIsVerified: anything,
  mediaEncryption: oneOf('none', 'sdes'),
  dtmf: oneOf(...dtmfModes),
  offer: oneOf('early', 'late'),
  sessionExpiresS: wholeNumber(90, 86_400),
  maxRedirects: wholeNumber(0, 10),
  stripPrefix: (prefix) => (/^\d{0,18}$/.test(prefix) ? null : 'must be up to 18 digits: numbers have no plus here'),
  addPrefix: (prefix) =>
    /^[\d*#]{0,20}$/.test(prefix) ? null : 'must be up to 20 of 0-9, * and #; a plus is put in front by hasPlus',
  hasPlus: anything,
  maxCps: wholeNumber(1, 100_000),
  maxChannels: wholeNumber(1, 1_000_000),
  codecs: codecsRule,
  callerIds: (ids) => (ids.every((id) => /^\d{1,20}$/.test(id)) ? null : 'must be digits; see callerIdHasPlus'),
  callerIdChoice: oneOf('fixed', 'round_robin', 'by_callee'),
  callerIdHasPlus: anything,
  fromUser: oneOf('username', 'caller_id'),
  fromDomain: (domain) =>
    isIP(domain) !== 0 || isHostName(domain) ? null : 'must be a host name or an address, without sip: and port',
  identity: oneOf('none', 'p_asserted', 'remote_party'),
  isPrivate: anything,
  headers: anything,
  prefixes: (prefixes) => (prefixes.every((prefix) => /^\d{1,18}$/.test(prefix)) ? null : 'must be digits'),
  priority: wholeNumber(0, 10_000),
  weight: wholeNumber(1, 10_000),
  optionsIntervalS: wholeNumber(0, 3600),
  breakerFailures: wholeNumber(1, 1000),
  breakerFailurePercent: wholeNumber(1, 100),
  isEnabled: anything,
};

/** The first of the given fields that cannot be, whatever the others are; null: all fine. */
export function fieldProblem(fields: TrunkChange): TrunkProblem | null {
  for (const field of fieldNames) {
    const rule = ruleProblem(fields, field);
    if (rule !== null) return [field, rule];
  }
  return null;
}

const fieldNames = Object.keys(rules) as (keyof TrunkSettings)[];

function ruleProblem<K extends keyof TrunkSettings>(fields: TrunkChange, field: K): string | null {
  const value = fields[field];
  return value === undefined || value === null ? null : rules[field](value);
}

/** What does not fit together in a trunk as it would be stored; null: all fine. */
export function trunkProblem(trunk: Trunk): TrunkProblem | null {
  if (trunk.registers && trunk.username === null)
    return ['username', 'is missing: it is the user that registers; set it, or registers to false'];
  if (trunk.password !== null && trunk.username === null && trunk.authUsername === null)
    return ['username', 'is missing: a password needs its user'];
  if (trunk.authUsername !== null && trunk.password === null)
    return ['password', 'is missing: authUsername is used with it only'];
  if (trunk.hasPlus && /[*#]/.test(trunk.addPrefix))
    return ['addPrefix', 'must be digits only where hasPlus is set: a number after a plus has no * and #'];
  const headers = headersProblem(trunk);
  return headers === null ? tlsProblem(trunk) : ['headers', headers];
}

function wholeNumber(from: number, to: number): Rule<number> {
  return (value) => (Number.isInteger(value) && value >= from && value <= to ? null : `must be ${from} to ${to}`);
}

function oneOf<T extends string>(...words: readonly T[]): Rule<T> {
  return (value) => (words.includes(value) ? null : `must be one of ${words.join(', ')}`);
}

/** User names and passwords, which go into header values. */
function text(maxLength: number): Rule<string> {
  return (value) => {
    if (value === '') return 'must not be empty: null says that there is none';
    if (value.length > maxLength) return `must have at most ${maxLength} characters`;
    return /\p{Cc}/u.test(value) ? 'must not have line breaks or control characters' : null;
  };
}

function hostRule(host: string): string | null {
  if (isIP(host) !== 0 || isHostName(host)) return null;
  if (/^sips?:/i.test(host)) return 'must be a host name or an address, without sip:';
  const [, bracketed] = /^\[(.*)\]$/.exec(host) ?? [];
  if (bracketed !== undefined && isIPv6(bracketed)) return 'must be written without brackets';
  if (/^[^:]+:\d+$/.test(host)) return 'must be a host name or an address; the port goes into port';
  return 'must be a host name or an address';
}

function codecsRule(codecs: readonly string[]): string | null {
  const names = trunkCodecs.join(', ');
  if (codecs.length === 0) return `must name at least one of ${names}`;
  if (codecs.some((codec) => !trunkCodecs.some((name) => name === codec))) return `may hold ${names}`;
  return new Set(codecs).size === codecs.length ? null : 'must name each codec once';
}

const sipUri = /^sips?:(?:[^\s@<>",]+@)?(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?(?:;[^\s<>",?]*)?$/i;

/** RFC 1123 section 2.1, and underscores, which occur. */
function isHostName(name: string): boolean {
  if (name.length > 253 || /^[\d.]+$/.test(name)) return false;
  return name
    .replace(/\.$/, '')
    .split('.')
    .every((label) => /^[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?$/i.test(label));
}
