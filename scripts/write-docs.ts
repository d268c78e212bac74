// Writes the generated parts of the pages: node_modules/.bin/node scripts/write-docs.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { settingsTable } from '../src/config/settings-table.ts';
import { asteriskTable, interopFeatures, interopTable } from '../test/support/interop-table.ts';
import { smppStatusTable } from '../test/support/smpp-status-table.ts';

writePart('docs/configuration.md', settingsTable());
writePart('docs/interop.md', interopTable(interopFeatures()));
writePart('docs/smpp.md', smppStatusTable());
writePart('README.md', asteriskTable(interopFeatures()));

/** Puts `text` between the two marks of a page. */
function writePart(page: string, text: string): void {
  const file = fileURLToPath(new URL(`../${page}`, import.meta.url));
  const parts = readFileSync(file, 'utf8').split(/(?<=<!-- generated -->\n)|(?=<!-- end of generated -->)/);
  writeFileSync(file, [parts[0], text, '\n', parts.at(-1)].join(''));
}
