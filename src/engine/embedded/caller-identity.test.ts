import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { trunkTarget } from '../../../test/support/trunk-target.ts';
import type { TrunkTarget } from '../../call/engine.ts';
import { callerIdentity, escapeUser } from './caller-identity.ts';

const number = '+4930123456';
const anonymous = '"Anonymous" <sip:anonymous@anonymous.invalid>';
const account = { username: 'acme' } as const;
const asCaller = { ...account, fromUser: 'caller_id' } as const;

type Row = {
  readonly what: string;
  readonly trunk?: Partial<TrunkTarget>;
  readonly shown: string | null;
  /** Whole header lines, From first. */
  readonly block: readonly string[];
};

const rows: readonly Row[] = [
  { what: 'a number at our host', shown: '1008', block: ['From: <sip:1008@10.0.0.1>'] },
  { what: 'nothing to show', shown: null, block: [`From: ${anonymous}`] },
  {
    what: 'an account with a number',
    trunk: account,
    shown: '1008',
    block: ['From: "1008" <sip:acme@carrier.example>'],
  },
  { what: 'an account without', trunk: account, shown: null, block: ['From: <sip:acme@carrier.example>'] },
  { what: 'an account that shows itself', trunk: account, shown: 'acme', block: ['From: <sip:acme@carrier.example>'] },
  {
    what: 'an account that sends the number',
    trunk: asCaller,
    shown: number,
    block: [`From: <sip:${number}@carrier.example>`],
  },
  {
    what: 'an account that would send the number and has none',
    trunk: asCaller,
    shown: null,
    block: ['From: <sip:acme@carrier.example>'],
  },
  {
    what: 'a domain of its own, for an account',
    trunk: { ...account, fromDomain: 'ims.example' },
    shown: null,
    block: ['From: <sip:acme@ims.example>'],
  },
  {
    what: 'a domain of its own, for a number',
    trunk: { fromDomain: 'ims.example' },
    shown: '1008',
    block: ['From: <sip:1008@ims.example>'],
  },
  {
    what: 'an IPv6 trunk',
    trunk: { ...account, host: '2001:db8::1' },
    shown: null,
    block: ['From: <sip:acme@[2001:db8::1]>'],
  },
  {
    what: 'P-Asserted-Identity',
    trunk: { ...account, identity: 'p_asserted' },
    shown: number,
    block: [`From: "${number}" <sip:acme@carrier.example>`, `P-Asserted-Identity: <sip:${number}@carrier.example>`],
  },
  {
    what: 'P-Asserted-Identity of an account without a number',
    trunk: { ...account, identity: 'p_asserted' },
    shown: null,
    block: ['From: <sip:acme@carrier.example>', 'P-Asserted-Identity: <sip:acme@carrier.example>'],
  },
  {
    what: 'nobody to assert',
    trunk: { identity: 'p_asserted' },
    shown: null,
    block: [`From: ${anonymous}`],
  },
  {
    what: 'Remote-Party-ID',
    trunk: { identity: 'remote_party' },
    shown: number,
    block: [
      `From: <sip:${number}@10.0.0.1>`,
      `Remote-Party-ID: <sip:${number}@10.0.0.1>;party=calling;privacy=off;screen=no`,
    ],
  },
  {
    what: 'private: the trunk is told, the callee is not',
    trunk: { ...asCaller, identity: 'p_asserted', isPrivate: true },
    shown: number,
    block: [`From: ${anonymous}`, `P-Asserted-Identity: <sip:${number}@carrier.example>`, 'Privacy: id'],
  },
  {
    what: 'private, with Remote-Party-ID',
    trunk: { identity: 'remote_party', isPrivate: true },
    shown: number,
    block: [
      `From: ${anonymous}`,
      `Remote-Party-ID: <sip:${number}@10.0.0.1>;party=calling;privacy=full;screen=no`,
      'Privacy: id',
    ],
  },
  {
    what: 'private with nothing asserted',
    trunk: { ...account, isPrivate: true },
    shown: number,
    block: [`From: ${anonymous}`, 'Privacy: id'],
  },
  {
    what: 'headers of the trunk, last and in order',
    trunk: {
      isPrivate: true,
      headers: [
        ['X-B', '1'],
        ['X-A', '2'],
      ],
    },
    shown: number,
    block: [`From: ${anonymous}`, 'Privacy: id', 'X-B: 1', 'X-A: 2'],
  },
  {
    what: 'a number that tries to end the header',
    trunk: { identity: 'p_asserted' },
    shown: '1008>;tag=x\r\nX: y',
    block: ['From: <sip:1008tagxXy@10.0.0.1>', 'P-Asserted-Identity: <sip:1008tagxXy@10.0.0.1>'],
  },
  {
    what: 'an account name with a space',
    trunk: { username: 'a b@c' },
    shown: null,
    block: ['From: <sip:a%20b%40c@carrier.example>'],
  },
];

describe('callerIdentity', () => {
  for (const { what, trunk, shown, block } of rows) {
    it(what, () => {
      const { from, headers } = callerIdentity(trunkTarget({ host: 'carrier.example', ...trunk }), shown, '10.0.0.1');
      assert.deepEqual([`From: ${from}`, ...headers.map(([name, value]) => `${name}: ${value}`)], block);
    });
  }
});

describe('escapeUser', () => {
  it('leaves a number alone and escapes beyond ASCII', () => {
    assert.equal(escapeUser('8613800000000'), '8613800000000');
    assert.equal(escapeUser('9988#1'), '9988%231');
    assert.equal(escapeUser('zoë'), 'zo%C3%AB');
  });
});
