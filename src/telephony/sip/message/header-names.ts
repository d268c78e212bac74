const spelled = [
  'Accept Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Authorization Call-ID Contact Content-Disposition',
  'Content-Encoding Content-Language Content-Length Content-Type CSeq Date Diversion Event Expires From Max-Forwards Min-SE',
  'P-Asserted-Identity Privacy Proxy-Authenticate Proxy-Authorization RAck Reason Record-Route Refer-To Referred-By',
  'Remote-Party-ID Require Retry-After Route RSeq Server Session-Expires Subject Supported Timestamp To Unsupported User-Agent',
  'Via Warning WWW-Authenticate X-Asterisk-HangupCause',
].flatMap((line) => line.split(' '));

/** Compact forms (RFC 3261 section 7.3.3 and the IANA registry). */
const compact: readonly (readonly [string, string])[] = [
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
];

/** The usual spellings, so that the usual header costs one look-up and no new string. */
const known: ReadonlyMap<string, string> = new Map([
  ...spelled.map((name) => [name, name.toLowerCase()] as const),
  ...spelled.map((name) => [name.toLowerCase(), name.toLowerCase()] as const),
  ...compact,
  ...compact.map(([short, long]) => [short.toUpperCase(), long] as const),
]);

/** The one name that a header is looked up by: lower case, the long form. */
export function canonicalHeaderName(name: string): string {
  return known.get(name) ?? name.toLowerCase();
}
