import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trunkTarget } from '../../../test/support/trunk-target.ts';
import type { TrunkTarget } from '../../call/engine.ts';
import { redirectionOf } from './trunk-redirection.ts';

const tls = {
  caCertificates: 'ca',
  certificate: 'own',
  privateKey: 'key',
  serverName: 'edge.carrier.example',
  isVerified: true,
};
const trunk = trunkTarget({ host: 'Carrier.Example', maxRedirects: 2, tls });

test('a trunk whose redirections are not followed has none', () => {
  assert.equal(
    redirectionOf({ ...trunk, maxRedirects: 0 }, () => assert.fail('nothing is located')),
    null,
  );
});

test('servers are located without the user, strangers without our certificate and by their own name', async () => {
  const asked: [string, TrunkTarget['tls']][] = [];
  const redirection = redirectionOf(trunk, async (uri, { tls: asWhom }) => {
    asked.push([uri, asWhom]);
    return [];
  });
  assert.equal(redirection?.maxTargets, 2);
  await redirection?.locate('sip:1@carrier.example:5070');
  await redirection?.locate('sips:2@gateway.example;transport=tcp');
  assert.deepEqual(asked, [
    ['sip:carrier.example:5070', tls],
    ['sips:gateway.example;transport=tcp', { ...tls, certificate: null, privateKey: null, serverName: null }],
  ]);
});
