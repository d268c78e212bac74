import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { at, listAt, numberAt } from '../support/json.ts';
import { nothing } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import { type Case, refused } from './kit/field-case.ts';
import { newFlow } from './kit/recall-client.ts';
import { idField, required, sample } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';

const server = serverUnderTest();
let voiceFileId = '';
let done = { taskId: 0, keyId: 0 };
let withoutFlow = 0;
before(async () => {
  await server.open();
  voiceFileId = await server.uploadTone();
  done = await newFlow(server, voiceFileId);
  await server.mustPost('/recallFlow/cancel', { type: 1, id: done.keyId });
  withoutFlow = await server.sendTask({ voiceFileId, numberList: ['8613800000001'] });
});

const nodesOf = async (keyId: number): Promise<number[]> =>
  listAt(await server.mustPost('/recallFlow/queryDetail', { keyId }), 'nodeList').map((node) =>
    numberAt(node, 'keyId'),
  );

conforms(server, {
  name: 'recallFlow/cancel',
  section: '5.3, 15.8',
  method: 'POST',
  literals: { code: 'number', status: 'number' },
  variants: [
    {
      title: 'a flow',
      valid: async () => ({ type: 1, id: (await newFlow(server, voiceFileId)).keyId }),
      fields: {
        type: required({
          good: [sample(1, '1'), sample('1', '"1"')],
          bad: [
            sample(0, '0'),
            sample(4, '4'),
            sample('x', 'letters'),
            sample(true, 'a boolean'),
            sample([1], 'a list'),
          ],
        }),
        id: required({ good: [], bad: idField(() => 0).bad }),
      },
    },
  ],
  data: nothing(),
  codes: [0, -1, -2, -16, -18, -22],
  bodyLimitMiB: 1,
  cases: () => [
    ...unknown(1, 999_999_999, '999999999'),
    ...unknown(2, 999_999_999, '999999999'),
    ...unknown(3, 999_999_999, '999999999'),
    ...unknown(2, withoutFlow, String(withoutFlow)),
    ...unknown(1, done.keyId, /cancelled/),
    ...unknown(2, done.taskId, /cancelled/),
  ],
});

function unknown(type: number, id: number, names: string | RegExp): Case[] {
  return [{ title: `type ${type}, id ${id}`, change: () => ({ type, id }), expects: refused(-22, names) }];
}

describe('what a cancellation takes with it (contract 5.3)', () => {
  const states = async (keyId: number): Promise<unknown> => {
    const flow = await server.mustPost('/recallFlow/queryDetail', { keyId });
    return [at(flow, 'status'), ...listAt(flow, 'nodeList').map((node) => at(node, 'nodeStatus'))];
  };

  test('type 1: the flow and its nodes', async () => {
    const { keyId } = await newFlow(server, voiceFileId);
    assert.deepEqual(await states(keyId), [0, 0, 0]);
    await server.mustPost('/recallFlow/cancel', { type: 1, id: keyId });
    assert.deepEqual(await states(keyId), [3, 3, 3]);
  });

  test('type 2: the same by the id of its task, as text', async () => {
    const { taskId, keyId } = await newFlow(server, voiceFileId);
    await server.mustPost('/recallFlow/cancel', { type: '2', id: String(taskId) });
    assert.deepEqual(await states(keyId), [3, 3, 3]);
  });

  test('type 3: a node and all that follow it', async () => {
    const recallFlow = { recallType: 0, recallInterval: 1440, recallNum: 4 } as const;
    const { keyId } = await newFlow(server, voiceFileId, { recallFlow });
    const [, second = 0] = await nodesOf(keyId);
    await server.mustPost('/recallFlow/cancel', { type: 3, id: second });
    assert.deepEqual(await states(keyId), [0, 0, 3, 3, 3]);
    const again = await server.post('/recallFlow/cancel', { type: 3, id: second });
    assert.equal(again.code, -22, again.body);
    assert.match(again.message, /cancelled/);
  });

  test('cancelling the task cancels its pending flow', async () => {
    const { taskId, keyId } = await newFlow(server, voiceFileId);
    await server.mustPost('/group/call/cancel', { taskIdList: [taskId] });
    assert.deepEqual(await states(keyId), [3, 3, 3]);
  });
});
