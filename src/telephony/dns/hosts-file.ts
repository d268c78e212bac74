import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { canonicalName } from './dns-message.ts';

/** The machine's own list of names, read again when it has changed. A file that cannot be read is an empty one. */
export class HostsFile {
  readonly #path: string;
  #version = '';
  #addresses = new Map<string, string[]>();

  constructor(path: string) {
    this.#path = path;
  }

  /** The addresses of a name, both families, in the order of the file; none: the name is not in it. */
  async addressesOf(name: string): Promise<readonly string[]> {
    const version = await this.#currentVersion();
    if (version !== this.#version) {
      this.#addresses = version === '' ? new Map() : parseHosts(await this.#read());
      this.#version = version;
    }
    return this.#addresses.get(canonicalName(name)) ?? [];
  }

  async #currentVersion(): Promise<string> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      return `${mtimeMs} ${size} ${ino}`;
    } catch {
      return '';
    }
  }

  async #read(): Promise<string> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch {
      return '';
    }
  }
}

/** Reads a hosts file (hosts(5)): an address and its names on each line, comments after `#`. */
export function parseHosts(text: string): Map<string, string[]> {
  const addresses = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const [address = '', ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names.map(canonicalName)) {
      const known = addresses.get(name);
      if (known === undefined) addresses.set(name, [address]);
      else if (!known.includes(address)) known.push(address);
    }
  }
  return addresses;
}
