import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { trunkTarget } from '../../../test/support/trunk-target.ts';
import type { Hop, OptionsAnswer, OptionsTarget, SipEndpoint } from '../../telephony/sip/endpoint-types.ts';
import { systemTlsProfile, udpHop } from '../../telephony/sip/transport/hop.ts';
import { examineTrunk } from './examine-trunk.ts';

const trunk = trunkTarget({ host: 'carrier.example', port: null });
const secure: Hop = {
  ...udpHop({ address: '192.0.2.2', port: 5061 }),
  transport: 'tls',
  tls: { serverName: 'carrier.example', profile: systemTlsProfile },
};

/** Servers that answer by address. */
function setup(hops: readonly Hop[], answers: Readonly<Record<string, OptionsAnswer>>) {
  const clock = new FakeClock();
  const asked: (OptionsTarget | undefined)[] = [];
  const examine: SipEndpoint['examine'] = async (hop, _signal, target) => {
    asked.push(target);
    await clock.advance(20);
    return answers[hop.address] ?? { status: null, reason: 'no answer' };
  };
  const seenBy = (peer: string) => (peer === '192.0.2.1' ? { address: '198.51.100.7', port: 40_060 } : null);
  const endpoint = { examine, seenBy } as SipEndpoint;
  const routesOf = () => ['<sip:proxy.example;lr>'];
  return { asked, context: { clock, endpoint, routesOf, locate: async () => hops } };
}

test('each server is asked for the trunk, and said what came of it', async () => {
  const hops = [udpHop({ address: '192.0.2.1', port: 5060 }), secure];
  const { asked, context } = setup(hops, { '192.0.2.1': { status: 401, reason: 'Unauthorized' } });
  const examination = await examineTrunk(trunk, new AbortController().signal, context);
  assert.equal(examination.problem, null);
  const facts = examination.servers.map(({ roundTripMs, ...server }) => ({ ...server, isTimed: roundTripMs !== null }));
  assert.deepEqual(facts, [
    {
      address: '192.0.2.1',
      port: 5060,
      transport: 'udp',
      tlsServerName: null,
      status: 401,
      reason: 'Unauthorized',
      seenAddress: '198.51.100.7:40060',
      isTimed: true,
    },
    {
      address: '192.0.2.2',
      port: 5061,
      transport: 'tls',
      tlsServerName: 'carrier.example',
      status: null,
      reason: 'no answer',
      seenAddress: null,
      isTimed: false,
    },
  ]);
  assert.deepEqual(asked[0], { uri: 'sip:carrier.example', routes: ['<sip:proxy.example;lr>'] });
});

test('a trunk that is nowhere has a problem and no servers', async () => {
  const { context } = setup([], {});
  const locate = async () => Promise.reject(new Error('cannot resolve carrier.example'));
  assert.deepEqual(await examineTrunk(trunk, new AbortController().signal, { ...context, locate }), {
    problem: 'cannot resolve carrier.example',
    servers: [],
  });
});

test('of many servers the first are asked', async () => {
  const hops = Array.from({ length: 30 }, (_, index) => udpHop({ address: `192.0.2.${index}`, port: 5060 }));
  const { context } = setup(hops, {});
  assert.equal((await examineTrunk(trunk, new AbortController().signal, context)).servers.length, 8);
});
