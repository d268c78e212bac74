/** A base URL without slashes at its end. Throws a TypeError where it is no address that paths can follow. */
export function readBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`baseUrl must be like https://example.com/v3, without user, query and fragment: ${text}`);
  }
  return text.replace(/\/+$/, '');
}
