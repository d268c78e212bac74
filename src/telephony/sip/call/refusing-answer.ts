/**
 * The answer that takes none of the offered streams (RFC 3264 section 6): where a protocol leaves no way to refuse an offer, this does. Both are
 * wire text.
 */
export function refusingAnswer(offer: string): string {
  let streams = '';
  for (const [, type, rest] of offer.matchAll(/^m=(\S+) \d+(?:\/\d+)? (.*)$/gm)) {
    streams += `m=${type} 0 ${rest?.trimEnd()}\r\n`;
  }
  return `v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n${streams}`;
}
