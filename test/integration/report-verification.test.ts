import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { signatureHeader } from '../../src/webhook/signature.ts';
import { repositoryRoot } from '../support/import-graph.ts';

/** What docs/reports.md tells receivers to verify a report with, run as it stands there. Each program is given header and secret as arguments, and the body on its standard input. */
const page = readFileSync(join(repositoryRoot, 'docs/reports.md'), 'utf8');

function snippet(language: string): string {
  const found = page.match(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's'))?.[1];
  if (found === undefined) throw new Error(`docs/reports.md has no ${language}`);
  return found;
}

type Program = {
  readonly language: string;
  readonly file: string;
  readonly text: string;
  readonly run: (file: string) => string[];
};

const programs: readonly Program[] = [
  {
    language: 'ts',
    file: 'verify.ts',
    text: `import { readFileSync } from 'node:fs';\n${snippet('ts')}\nconsole.log(isOurs(process.argv[2]!, readFileSync(0), process.argv[3]!));\n`,
    run: (file) => [process.execPath, file],
  },
  {
    language: 'python',
    file: 'verify.py',
    text: `import sys\n${snippet('python')}\nprint(str(is_ours(sys.argv[1], sys.stdin.buffer.read(), sys.argv[2])).lower())\n`,
    run: (file) => ['python3', file],
  },
  {
    language: 'php',
    file: 'verify.php',
    text: `<?php\n${snippet('php')}\necho is_ours($argv[1], file_get_contents('php://stdin'), $argv[2]) ? 'true' : 'false';\n`,
    run: (file) => ['php', file],
  },
  {
    language: 'java',
    file: 'Verify.java',
    text: `class Verify {\n${snippet('java')}\npublic static void main(String[] a) throws Exception { System.out.println(isOurs(a[0], System.in.readAllBytes(), a[1])); }\n}\n`,
    run: (file) => ['java', file],
  },
];

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'carillon-verify-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

for (const { language, file, text, run } of programs) {
  test(`docs/reports.md verifies in ${language}: what is ours, and nothing else`, () => {
    const path = join(folder, file);
    writeFileSync(path, text);
    const verify = (header: string, body: string): string => {
      const [command = '', ...args] = run(path);
      const { error, status, stdout, stderr } = spawnSync(command, [...args, header, 's3cret'], {
        input: body,
        encoding: 'utf8',
      });
      assert.ok(error === undefined && status === 0, `${command}: ${error?.message ?? stderr}`);
      return stdout.trim();
    };
    const body = '{"voiceId":"22121121451211349002","calledInfo":"六"}';
    const now = Math.floor(Date.now() / 1000);
    assert.equal(verify(signatureHeader('s3cret', body, now), body), 'true');
    assert.equal(verify(signatureHeader('other', body, now), body), 'false');
    assert.equal(verify(signatureHeader('s3cret', body, now), `${body} `), 'false');
    assert.equal(verify(signatureHeader('s3cret', body, now - 3600), body), 'false');
    assert.equal(verify('v1=nonsense', body), 'false');
  });
}
