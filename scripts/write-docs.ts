// Writes the generated parts of docs/: node_modules/.bin/node scripts/write-docs.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { settingsTable } from '../src/config/settings-table.ts';
import { interopFeatures, interopTable } from '../test/support/interop-table.ts';

writePart('configuration', settingsTable());
writePart('interop', interopTable(interopFeatures()));

/** Puts `text` between the two marks of docs/PAGE.md. */
function writePart(page: string, text: string): void {
  const file = fileURLToPath(new URL(`../docs/${page}.md`, import.meta.url));
  const parts = readFileSync(file, 'utf8').split(/(?<=<!-- generated -->\n)|(?=<!-- end of generated -->)/);
  writeFileSync(file, [parts[0], text, '\n', parts.at(-1)].join(''));
}
