import assert from 'node:assert/strict';
import { test } from 'node:test';
import { templateText } from './template.ts';

test('placeholders in either spelling and any case are those of tasks', () => {
  const cases = [
    ['Hello {Text1}, {text2}!', `Hello \${text1}, \${text2}!`],
    [`\${Text3} and \${text10}`, `\${text3} and \${text10}`],
    ['{TEXT1}{Text10}', `\${text1}\${text10}`],
    ['{Text0} {Text11} {Text} $ {Text 1}', '{Text0} {Text11} {Text} $ {Text 1}'],
    ['costs ${ {Text1}', `costs \${ \${text1}`],
  ] as const;
  for (const [written, meant] of cases) assert.equal(templateText(written), meant);
});
