import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressRule } from './address-rule.ts';

/** A name stands for no address that may be posted to. */
export class AddressRefusedError extends Error {
  constructor(host: string, addresses: readonly string[]) {
    super(`${host} is ${addresses.join(', ')}, which is no public address`);
    this.name = 'AddressRefusedError';
  }
}

/** How names are resolved; the system's unless a test says otherwise. */
export type NameResolver = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * The lookup of a socket that is about to connect: it is given the addresses that may be connected to and no others. As it is the connection's own, there is no
 * moment between the check and the connection in which a name could come to stand for something else, and each new connection is checked anew.
 */
export function guardedLookup(rule: AddressRule, resolve: NameResolver = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const allowed = found.filter(({ address }) => rule.allows(address));
      const [first] = allowed;
      if (first === undefined) {
        callback(
          new AddressRefusedError(
            hostname,
            found.map(({ address }) => address),
          ),
          [],
        );
        return;
      }
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
