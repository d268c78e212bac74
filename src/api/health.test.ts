import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { silentLogger } from '../lib/logger.ts';
import { mountHealth, type ReadinessCheck } from './health.ts';

async function ask(checks: readonly ReadinessCheck[]) {
  const app = Fastify();
  mountHealth(app, checks, silentLogger());
  const ready = await app.inject({ url: '/readyz' });
  const health = await app.inject({ url: '/healthz' });
  await app.close();
  return { status: ready.statusCode, body: ready.json(), healthStatus: health.statusCode };
}

const ready: ReadinessCheck = { part: 'database', check: async () => null };

test('ready when every part is', async () => {
  assert.deepEqual(await ask([ready]), {
    status: 200,
    body: { status: 'ready', parts: { database: 'ready' } },
    healthStatus: 200,
  });
});

test('one part that is not makes it 503, by name; what a check throws is not told', async () => {
  const pending: ReadinessCheck = { part: 'migrations', check: async () => 'not applied: 0002.sql' };
  const broken: ReadinessCheck = {
    part: 'queue',
    check: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.5')),
  };
  assert.deepEqual(await ask([ready, pending, broken]), {
    status: 503,
    body: {
      status: 'not ready',
      parts: { database: 'ready', migrations: 'not applied: 0002.sql', queue: 'does not answer' },
    },
    healthStatus: 200,
  });
});
