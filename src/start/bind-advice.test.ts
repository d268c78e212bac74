import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InfrastructureError } from '../lib/errors.ts';
import { bindOrAdvise, requireAddress } from './bind-advice.ts';

const sip = {
  what: 'SIP (UDP)',
  host: '192.0.2.1',
  port: 5060,
  hostSetting: 'CARILLON_SIP_HOST',
  portSetting: 'CARILLON_SIP_PORT',
};

function refused(code: string): Error {
  const cause = Object.assign(new Error(`bind ${code}`), { code });
  return new InfrastructureError('cannot bind', { retryable: true, cause });
}

describe('bindOrAdvise', () => {
  for (const [code, advice] of [
    ['EADDRINUSE', /192\.0\.2\.1:5060: another program does; .* CARILLON_SIP_PORT/],
    ['EADDRNOTAVAIL', /no such address; set CARILLON_SIP_HOST/],
    ['EACCES', /CARILLON_SIP_PORT to a port above 1023/],
  ] as const) {
    it(`says what to do about ${code}`, async () => {
      await assert.rejects(bindOrAdvise(sip, Promise.reject(refused(code))), advice);
    });
  }

  it('leaves other errors as they are', async () => {
    const error = refused('ENOBUFS');
    await assert.rejects(bindOrAdvise(sip, Promise.reject(error)), (thrown) => thrown === error);
    assert.equal(await bindOrAdvise(sip, Promise.resolve(1)), 1);
  });
});

describe('requireAddress', () => {
  it('tells an address of this machine from one that belongs to nobody', async () => {
    await requireAddress({ ...sip, host: '127.0.0.1' });
    // RFC 5737: for documentation only.
    await assert.rejects(
      requireAddress({ ...sip, host: '203.0.113.7' }),
      /listen on 203\.0\.113\.7: .*CARILLON_SIP_HOST/,
    );
  });
});
