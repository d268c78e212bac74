/**
 * Makes repeated slashes one and drops a trailing one, in the path only (contract 15.1). The query stays as it is.
 */
export function rewriteUrl(url: string): string {
  const queryAt = url.indexOf('?');
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  const query = queryAt === -1 ? '' : url.slice(queryAt);
  if (!path.includes('//') && !(path.length > 1 && path.endsWith('/'))) return url;
  const single = path.replace(/\/{2,}/g, '/');
  return (single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single) + query;
}
