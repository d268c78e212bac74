import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../support/json.ts';
import { envelopeProblems, usualLiterals } from './kit/answer.ts';
import { needsAdmin } from './kit/conforms.ts';
import { serverUnderTest, signed } from './kit/server-under-test.ts';

const server = serverUnderTest();

describe('AI and agent-template variants are out of scope, and say so (contract 9, 15.15)', () => {
  for (const name of ['send/ai', 'update/ai', 'resend/ai', 'send/agent']) {
    test(`group/call/${name}`, async () => {
      const bodies: readonly Json[] = [{}, { appId: server.settings.appId, taskName: 'a task', scriptId: 1 }];
      for (const body of bodies) {
        const answer = await server.post(`/group/call/${name}`, body);
        assert.deepEqual(envelopeProblems(answer, usualLiterals), []);
        assert.equal(answer.code, -22, answer.body);
        assert.match(answer.message, /scope/);
      }
    });
  }

  test('in Chinese, too', async (context) => {
    if (needsAdmin(context, server)) return;
    const account = await server.account({ language: 'zh-CN' });
    const answer = await server.post('/group/call/send/ai', {}, account);
    assert.equal(answer.code, -22, answer.body);
    assert.match(answer.message, /\p{Script=Han}/u);
  });
});

describe('an unknown path is HTTP 404 with the same body and -22 (contract 15.2)', () => {
  const paths = [
    '/v3/voice/group/call/dance',
    '/voice/group/call/dance',
    '/v3/voice',
    '/v3/voice/group/call/send/more',
    '/v3/voice/group/call/detail',
    '/v3/nothing',
    '/nothing',
    '/v3/voice/%ff',
  ];
  for (const path of paths) {
    for (const method of ['POST', 'GET', 'PUT']) {
      test(`${method} ${path}`, async () => {
        const body = method === 'GET' ? null : '{';
        const answer = await server.raw({ method, path, headers: signed(server.settings.credentials), body });
        assert.deepEqual(envelopeProblems(answer, usualLiterals, { httpStatus: 404 }), []);
        assert.equal(answer.code, -22, answer.body);
      });
    }
  }
});
