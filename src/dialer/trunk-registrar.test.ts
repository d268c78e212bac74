import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedTrunk } from '../../test/support/trunk-target.ts';
import type { TrunkRegisterRequest, TrunkRegistrationObserver, TrunkRegistrationStatus } from '../call/engine.ts';
import { silentLogger } from '../lib/logger.ts';
import { TrunkRegistrar } from './trunk-registrar.ts';

type Opened = {
  readonly request: TrunkRegisterRequest;
  readonly tell: TrunkRegistrationObserver;
  isClosing: boolean;
  /** The registrar has answered to the end of it. */
  readonly closed: () => void;
};

function open() {
  const opened: Opened[] = [];
  let registered = 0;
  const registrar = new TrunkRegistrar({
    engine: {
      register: (request, tell) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        const entry: Opened = { request, tell, isClosing: false, closed: resolve };
        opened.push(entry);
        return {
          close: () => {
            entry.isClosing = true;
            return promise;
          },
        };
      },
    },
    logger: silentLogger(),
    onRegistered: () => {
      registered += 1;
    },
  });
  return { registrar, opened, registered: () => registered };
}

const account = storedTrunk(1, { registers: true, username: 'acme', password: 'secret', registerExpiresS: 600 });
const registered: TrunkRegistrationStatus = { state: 'registered', expiresAt: 1, nextTryAt: 1, reason: null };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('trunk registrar: only enabled trunks that register are registered, once', () => {
  const { registrar, opened } = open();
  const trunks = [account, storedTrunk(2), storedTrunk(3, { registers: true, username: 'b', isEnabled: false })];
  registrar.refresh(trunks);
  registrar.refresh(trunks);
  assert.deepEqual(
    opened.map(({ request }) => [request.trunk.trunkId, request.trunk.username, request.expiresS]),
    [[1, 'acme', 600]],
  );
  assert.equal(registrar.statusOf(storedTrunk(2)), null);
});

test('trunk registrar: tells how it stands, and when there is room for calls', () => {
  const { registrar, opened, registered: count } = open();
  registrar.refresh([account]);
  assert.equal(registrar.statusOf(account)?.state, 'registering');
  opened[0]?.tell({ ...registered, state: 'failed', reason: '403 Forbidden from carrier.example' });
  assert.equal(registrar.statusOf(account)?.reason, '403 Forbidden from carrier.example');
  assert.equal(count(), 0);
  opened[0]?.tell(registered);
  opened[0]?.tell({ ...registered, expiresAt: 2 });
  assert.deepEqual([registrar.statusOf(account)?.expiresAt, count()], [2, 1]);
});

test('trunk registrar: what does not concern the registration leaves it alone', () => {
  const { registrar, opened } = open();
  registrar.refresh([account]);
  registrar.refresh([{ ...account, maxCps: 7, headers: [['X-A', '1']], updatedAt: new Date(9) }]);
  assert.deepEqual([opened.length, opened[0]?.isClosing], [1, false]);
});

test('trunk registrar: a change takes the old registration back before the new one begins', async () => {
  const { registrar, opened } = open();
  registrar.refresh([account]);
  opened[0]?.tell(registered);
  const changed = { ...account, password: 'other' };
  registrar.refresh([changed]);
  assert.deepEqual([opened.length, opened[0]?.isClosing], [1, true]);
  assert.equal(registrar.statusOf(changed)?.state, 'registering');
  registrar.refresh([changed]);
  assert.equal(opened.length, 1);
  opened[0]?.closed();
  await turn();
  registrar.refresh([changed]);
  assert.deepEqual([opened.length, opened[1]?.request.trunk.password], [2, 'other']);
});

test('trunk registrar: a trunk that is disabled, deleted or need not register any more is taken back', () => {
  for (const left of [[{ ...account, isEnabled: false }], [], [{ ...account, registers: false }]]) {
    const { registrar, opened } = open();
    registrar.refresh([account]);
    registrar.refresh(left);
    assert.equal(opened[0]?.isClosing, true);
  }
});

test('trunk registrar: closed, it takes all back and begins none', () => {
  const { registrar, opened } = open();
  registrar.refresh([account]);
  registrar.close();
  registrar.refresh([account, { ...account, trunkId: 2 }]);
  assert.deepEqual([opened.length, opened[0]?.isClosing], [1, true]);
});
