import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { probeServers } from './probe-servers.ts';

const silent = new Promise<number | null>(() => undefined);

describe('probe of a trunk with several servers', () => {
  const cases: [what: string, answers: (number | null)[], status: number | null][] = [
    ['nobody to ask', [], null],
    ['one that answers', [200], 200],
    ['one that refuses OPTIONS is there', [405], 405],
    ['one that is silent', [null], null],
    ['the second answers', [null, 200], 200],
    ['an overloaded one does not speak for the other', [503, 404], 404],
    ['all overloaded', [503, null], 503],
    ['one heard from nobody, the others are silent', [null, 408, null], 408],
  ];
  for (const [what, answers, status] of cases) {
    it(what, async () => {
      assert.equal(await probeServers(answers, async (answer) => answer), status);
    });
  }

  it('waits for nobody once one has answered', async () => {
    assert.equal(await probeServers([silent, Promise.resolve(200), silent], (answer) => answer), 200);
  });

  it('asks a bounded number', async () => {
    const asked: number[] = [];
    const ask = async (server: number): Promise<null> => {
      asked.push(server);
      return null;
    };
    await probeServers(
      Array.from({ length: 32 }, (_, index) => index),
      ask,
    );
    assert.equal(asked.length, 8);
  });
});
