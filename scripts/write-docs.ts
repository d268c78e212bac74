// Writes the generated parts of docs/: node_modules/.bin/node scripts/write-docs.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { settingsTable } from '../src/config/settings-table.ts';

const file = fileURLToPath(new URL('../docs/configuration.md', import.meta.url));
const parts = readFileSync(file, 'utf8').split(/(?<=<!-- generated -->\n)|(?=<!-- end of generated -->)/);
writeFileSync(file, [parts[0], settingsTable(), '\n', parts.at(-1)].join(''));
