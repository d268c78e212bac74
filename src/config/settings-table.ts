import { expectationOf } from './load-config.ts';
import { settingsSchema } from './settings-schema.ts';

/** The table of all settings for the docs page, as Markdown. */
export function settingsTable(): string {
  const rows = Object.entries(settingsSchema.properties).map(([name, schema]) => {
    const cells = [`\`${name}\``, textOf(schema, 'description'), sentence(expectationOf(schema)), defaultOf(schema)];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| variable | meaning | values | default |', '|---|---|---|---|', ...rows].join('\n');
}

function defaultOf(schema: object): string {
  if ('default' in schema) return `\`${String(schema.default)}\``;
  return `unset: ${textOf(schema, 'unset')}`;
}

function textOf(schema: object, key: string): string {
  const entry = Object.entries(schema).find(([name]) => name === key);
  return entry === undefined ? '' : String(entry[1]);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
