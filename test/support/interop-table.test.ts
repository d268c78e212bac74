import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asteriskTable, featuresOf, interopTable } from './interop-table.ts';

const text = `
test('a call', async () => {});
  for (const { cause } of causes) {
    test(\`its cause \${cause} with SIP \${expected[0] ?? 'none'}\`, () => {});
  }
it.skip('a fax', () => {});
test(
  "it's late",
  { todo: 'not landed' },
  () => {},
);
`;

test('titles, peers and what does not run are read from a test file', () => {
  const imports = ['test/support/asterisk-carrier.ts', 'test/support/sipp.ts', 'src/call/engine.ts'];
  const features = featuresOf('test/interop/asterisk-x.test.ts', text, imports);
  assert.deepEqual(
    features.map(({ title, missing }) => [title, missing]),
    [
      ['a call', null],
      ['its cause … with SIP …', null],
      ['a fax', 'skip'],
      ["it's late", 'not landed'],
    ],
  );
  assert.deepEqual(features[0]?.peers, ['Asterisk 22', 'SIPp']);
  assert.match(interopTable(features), /^\| a fax \| Asterisk 22, SIPp \| not run: skip \| `asterisk-x` \|$/m);
});

test('the table of Asterisk has its rows alone', () => {
  const of = (support: string) => featuresOf('test/interop/x.test.ts', text, [`test/support/${support}.ts`]);
  const table = asteriskTable([...of('sipp'), ...of('asterisk')]);
  assert.equal(table.split('\n').length, 2 + 4);
  assert.match(table, /^\| a call \| Asterisk 22 \| works \|$/m);
});

test('a test without a peer is no row', () => {
  const features = featuresOf('test/interop/x.test.ts', text, ['test/support/ledger.ts']);
  assert.equal(interopTable(features).split('\n').length, 2);
});
