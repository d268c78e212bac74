import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ArgumentError, carrierUsage, readCarrierArguments } from './carrier-arguments.ts';
import { defaultPeopleMix } from './people.ts';

describe('readCarrierArguments', () => {
  it('has defaults for everything', () => {
    assert.deepEqual(readCarrierArguments([]), {
      isHelp: false,
      host: '127.0.0.1',
      port: 5070,
      rtpPorts: { first: 30000, last: 32767 },
      seed: 1,
      mix: defaultPeopleMix,
      ledgerFile: null,
      credentials: null,
      logLevel: 'info',
    });
  });

  it('reads what is given', () => {
    const read = readCarrierArguments(
      '--host 10.0.0.1 --port 0 --rtp-ports 4000-4010 --seed 9 --mix busy=1,keyShare=0.5 --ledger l --user u --password p --log-level debug --help'.split(
        ' ',
      ),
    );
    assert.partialDeepStrictEqual(read, {
      isHelp: true,
      host: '10.0.0.1',
      port: 0,
      rtpPorts: { first: 4000, last: 4010 },
      seed: 9,
      mix: { ...defaultPeopleMix, busy: 1, keyShare: 0.5 },
      ledgerFile: 'l',
      credentials: { username: 'u', password: 'p' },
      logLevel: 'debug',
    });
  });

  const refused: [string, RegExp][] = [
    ['--port 70000', /--port must be/],
    ['--port x', /--port must be/],
    ['--rtp-ports 5-2', /--rtp-ports/],
    ['--mix sleepy=1', /--mix knows answers/],
    ['--mix busy=-1', /cannot be "-1"/],
    ['--mix keyShare=2', /cannot be "2"/],
    ['--mix answers=0,busy=0,noAnswer=0,declines=0,unreachable=0', /leaves nobody/],
    ['--user u', /go together/],
    ['--log-level loud', /--log-level is one of/],
    ['--colour red', /colour/],
  ];
  for (const [line, message] of refused) {
    it(`refuses ${line}`, () =>
      assert.throws(
        () => readCarrierArguments(line.split(' ')),
        (error) => error instanceof ArgumentError && message.test(error.message),
      ));
  }

  it('explains every option', () => {
    for (const name of [
      'host',
      'port',
      'rtp-ports',
      'seed',
      'mix',
      'ledger',
      'user',
      'password',
      'log-level',
      'help',
    ]) {
      assert.ok(carrierUsage.includes(`--${name}`), name);
    }
  });
});
