import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trunkTarget } from '../../../test/support/trunk-target.ts';
import { domainUri, firstUriOf, numberUri, routesOf } from './signalling-route.ts';

test('a trunk without proxies is asked itself', () => {
  const trunk = trunkTarget({ host: 'carrier.example', port: null });
  assert.deepEqual(routesOf(trunk, []), []);
  assert.equal(firstUriOf(trunk, []), 'sip:carrier.example');
  assert.equal(firstUriOf({ ...trunk, port: 5080, transport: 'tls' }, []), 'sip:carrier.example:5080;transport=tls');
  assert.equal(domainUri({ ...trunk, host: '2001:db8::1', port: 5080 }), 'sip:[2001:db8::1]:5080');
});

test('the outbound proxy comes first, then what the registrar named, neither of them twice', () => {
  const trunk = trunkTarget({ host: 'carrier.example', outboundProxy: 'sip:edge.example:5070;transport=tcp' });
  const proxy = '<sip:edge.example:5070;transport=tcp;lr>';
  const service = '<sip:service.example;lr>';
  assert.deepEqual(routesOf(trunk, []), [proxy]);
  assert.deepEqual(routesOf(trunk, [service]), [proxy, service]);
  assert.deepEqual(routesOf(trunk, [proxy, service]), [proxy, service]);
  assert.deepEqual(routesOf({ ...trunk, outboundProxy: 'sip:edge.example;LR' }, []), ['<sip:edge.example;LR>']);
  assert.equal(firstUriOf(trunk, [proxy, service]), 'sip:edge.example:5070;transport=tcp;lr');
  assert.equal(firstUriOf(trunk, ['"Edge" <sip:e.example;lr>;x=1']), 'sip:e.example;lr');
});

test('a number is called at the domain, with the port only where one is set', () => {
  const trunk = trunkTarget({ host: 'carrier.example', port: null });
  assert.equal(numberUri(trunk, '+4930123456'), 'sip:+4930123456@carrier.example');
  assert.equal(numberUri({ ...trunk, port: 5080 }, '99#1'), 'sip:99%231@carrier.example:5080');
  assert.equal(numberUri({ ...trunk, host: '2001:db8::1' }, '1'), 'sip:1@[2001:db8::1]');
});
