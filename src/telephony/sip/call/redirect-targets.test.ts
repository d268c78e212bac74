import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SipMessage } from '../message/sip-message.ts';
import { RedirectTargets } from './redirect-targets.ts';

const original = 'sip:+4930123456@carrier.example:5070';

function redirection(status: number, ...contacts: string[]): SipMessage {
  const names = contacts.map(() => 'contact');
  return new SipMessage({ method: '', uri: '', status, reason: '', names, values: contacts, body: '' });
}

/** All that is tried after one response, by Request-URI. */
function triedAfter(response: SipMessage, max = 10, from = original): string[] {
  const targets = new RedirectTargets(from, max);
  targets.take(response);
  const tried: string[] = [];
  for (let next = targets.next(); next !== null; next = targets.next()) tried.push(next.uri);
  return tried;
}

const rows: readonly (readonly [what: string, response: SipMessage, tried: readonly string[]])[] = [
  ['one Contact', redirection(302, '<sip:1@a.example>'), ['sip:1@a.example']],
  [
    'several, best first',
    redirection(300, '<sip:1@a.example>;q=0.2, <sip:2@b.example>;q=0.9', 'sip:3@c.example;q=0.5'),
    ['sip:2@b.example', 'sip:3@c.example', 'sip:1@a.example'],
  ],
  [
    'without q it is the best, with a strange one the last',
    redirection(301, '<sip:1@a.example>;q=high', '<sip:2@b.example>;q=0.1', '<sip:3@c.example>'),
    ['sip:3@c.example', 'sip:2@b.example', 'sip:1@a.example'],
  ],
  ['the address that was called already', redirection(302, `<${original}>`), []],
  ['the same address twice', redirection(302, '<sip:1@a.example>', '<sip:1@A.EXAMPLE>'), ['sip:1@a.example']],
  ['a number: at the trunk itself', redirection(302, '<tel:+49-30-(99)9>'), ['sip:+4930999@carrier.example:5070']],
  [
    'headers and method of the URI',
    redirection(380, '<sip:1@a.example;method=BYE;x=1?Replaces=y>'),
    ['sip:1@a.example;x=1'],
  ],
  ['nothing that we call', redirection(302, '<mailto:a@b.example>', '*', '<http://x.example>', 'tel:', '<sip:>'), []],
  ['what would end a header', redirection(302, 'sip:"1>@a.example'), []],
  ['no Contact', redirection(302), []],
  ['a response that is no redirection', redirection(404, '<sip:1@a.example>'), []],
  ['a redirection of a kind that nobody knows', redirection(399, '<sip:1@a.example>'), []],
];
for (const [what, response, tried] of rows) {
  test(`redirected by ${what}`, () => assert.deepEqual(triedAfter(response), tried));
}

test('a proxy is located, and asked for the same address', () => {
  const targets = new RedirectTargets(original, 3);
  targets.take(redirection(305, '<sip:proxy.example;lr>'));
  assert.deepEqual(targets.next(), { uri: original, next: 'sip:proxy.example;lr', isProxy: true });
});

test('what was secure stays secure', () => {
  const response = redirection(302, '<sip:1@a.example>;q=1', '<sips:1@b.example>;q=0.1');
  assert.deepEqual(triedAfter(response, 10, 'sips:1@carrier.example'), ['sips:1@b.example']);
});

test('what a target names itself comes before what is left', () => {
  const targets = new RedirectTargets(original, 10);
  targets.take(redirection(302, '<sip:1@a.example>;q=0.9, <sip:2@b.example>;q=0.8'));
  assert.equal(targets.next()?.uri, 'sip:1@a.example');
  targets.take(redirection(302, '<sip:3@c.example>;q=0.1, <sip:2@b.example>'));
  assert.deepEqual(
    [targets.next()?.uri, targets.next()?.uri, targets.next()],
    ['sip:3@c.example', 'sip:2@b.example', null],
  );
});

test('no more are tried than are allowed, and none when none are', () => {
  const two = redirection(302, '<sip:1@a.example>, <sip:2@b.example>, <sip:3@c.example>');
  assert.deepEqual(triedAfter(two, 2), ['sip:1@a.example', 'sip:2@b.example']);
  assert.deepEqual(triedAfter(two, 0), []);
});

test('two servers that send us back and forth, or make up addresses, come to an end', () => {
  const anyContact = fc.integer({ min: 0, max: 5 }).map((host) => `<sip:1@h${host}.example>`);
  const responses = fc.array(fc.array(anyContact, { maxLength: 20 }), { maxLength: 30 });
  fc.assert(
    fc.property(responses, fc.integer({ min: 0, max: 10 }), (lists, max) => {
      const targets = new RedirectTargets(original, max);
      const tried: string[] = [];
      for (const contacts of lists) {
        targets.take(redirection(302, ...contacts));
        const next = targets.next();
        if (next !== null) tried.push(next.uri);
      }
      assert.ok(tried.length <= max);
      assert.equal(new Set(tried).size, tried.length);
    }),
  );
});

test('whatever stands in a Contact, what is called can stand in a request line and in a Route', () => {
  const pieces = fc.constantFrom(
    ...'<>";,:@?=.*+()[] \t',
    'sip:',
    'sips:',
    'tel:',
    'a',
    '1',
    'q',
    'method',
    'example',
    '%41',
  );
  const contact = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(contact, contact, (noise, inside) => {
      const targets = new RedirectTargets(original, 10);
      targets.take(redirection(302, noise, `<sip:${inside}>`, `<tel:${inside}>`, `sip:${noise}`));
      for (let next = targets.next(); next !== null; next = targets.next()) {
        assert.match(next.uri, /^sips?:[^\s<>"]+$/i);
        assert.match(next.next, /^sips?:[^\s<>"]+$/i);
      }
    }),
    { numRuns: 2000 },
  );
});
