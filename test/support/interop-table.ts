import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSources, repositoryRoot } from './import-graph.ts';

/** A test of `test/interop` as a feature that was tried with another implementation. */
export type InteropFeature = {
  readonly file: string;
  readonly title: string;
  /** Whom it was tried with, from what the file imports. */
  readonly peers: readonly string[];
  /** null: the test runs, so that it works where the tests pass; else why it does not run. */
  readonly missing: string | null;
};

/** What a file that imports `test/support/NAME*.ts` has as its peer. */
const peersBySupport: readonly (readonly [name: string, peer: string])[] = [
  ['asterisk', 'Asterisk 22'],
  ['kamailio', 'Kamailio 5'],
  ['baresip', 'baresip'],
  ['audio-listeners', 'Asterisk 22'],
  ['audio-listeners', 'baresip'],
  ['sipp', 'SIPp'],
  ['sipsak', 'sipsak'],
  ['nsd', 'NSD'],
  ['osmo-', 'osmo-msc 1.9'],
  ['tshark', 'Wireshark'],
];

/** `test` or `it` with a title, also over lines and with quotes of each kind; `.skip` and `.todo`; and the reason in `{ skip: 'reason' }` or `{ todo: 'reason' }`. */
const testCall =
  /\b(?:test|it)(?:\.(skip|todo))?\(\s*(['"`])((?:\\.|(?!\2).)*)\2(?:,\s*\{[^}]*?\b(?:skip|todo):\s*(['"`])((?:\\.|(?!\4).)*)\4)?/g;

/** All tests of `test/interop`, by file and place. What a title takes from a table of cases shows as `…`. */
export function interopFeatures(): InteropFeature[] {
  const imports = new Map(readSources('test/interop/*.test.ts').map((file) => [file.path, file.imports]));
  return globSync('test/interop/*.test.ts', { cwd: repositoryRoot })
    .sort()
    .flatMap((path) => featuresOf(path, readFileSync(join(repositoryRoot, path), 'utf8'), imports.get(path) ?? []));
}

/** Those of one file, from its text and what it imports. */
export function featuresOf(path: string, text: string, imports: readonly string[]): InteropFeature[] {
  const peers = peersBySupport
    .filter(([name]) => imports.some((file) => file.startsWith(`test/support/${name}`)))
    .map(([, peer]) => peer);
  return [...text.matchAll(testCall)].map(([, kind, , title = '', , reason]) => ({
    file: path.replace(/^.*\/|\.test\.ts$/g, ''),
    title: title.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…').replaceAll('\\', ''),
    peers,
    missing: reason ?? kind ?? null,
  }));
}

/** The table in docs/interop.md. Tests that have no peer but ourselves are no interop and left out. */
export function interopTable(features: readonly InteropFeature[]): string {
  const rows = features
    .filter(({ peers }) => peers.length > 0)
    .map((feature) => `${row(feature)} \`${feature.file}\` |`);
  return ['| feature | tested with | result | test |', '|---|---|---|---|', ...rows].join('\n');
}

/** The table in README.md: what was tried with Asterisk as the carrier. */
export function asteriskTable(features: readonly InteropFeature[]): string {
  const rows = features.filter(({ peers }) => peers.includes('Asterisk 22')).map(row);
  return ['| feature | tested with | result |', '|---|---|---|', ...rows].join('\n');
}

function row({ title, peers, missing }: InteropFeature): string {
  const result = missing === null ? 'works' : `not run: ${missing}`;
  return `| ${title.replaceAll('|', '\\|')} | ${peers.join(', ')} | ${result} |`;
}
