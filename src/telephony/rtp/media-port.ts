/** A local UDP port on one of the service's addresses (a literal one). */
export type MediaPort = { readonly host: string; readonly port: number };

/** The port as a key of maps. */
export function portKey({ host, port }: MediaPort): string {
  return `${host} ${port}`;
}
