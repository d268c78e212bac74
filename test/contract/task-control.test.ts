import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { at, type Json, numberAt } from '../support/json.ts';
import { nothing } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import { accepted, type Case, refused } from './kit/field-case.ts';
import { withField } from './kit/json-path.ts';
import { peopleOrSkip } from './kit/people.ts';
import { required, type Sample, sample } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';

const server = serverUnderTest();
let voiceFileId = '';
let cancelled = 0;
before(async () => {
  await server.open();
  voiceFileId = await server.uploadTone();
  cancelled = await newTask();
  await server.mustPost('/group/call/cancel', { taskIdList: [cancelled] });
});

const newTask = (): Promise<number> => server.sendTask({ voiceFileId, numberList: ['8613800000001'] });

async function suspendedTask(): Promise<number> {
  const taskId = await newTask();
  await server.mustPost('/group/call/provisional', { jobIdList: [taskId] });
  return taskId;
}

/** Each with a task in a state that it can be called for, and the status that follows. */
const controls: readonly { name: string; section: string; made: () => Promise<number>; becomes: number }[] = [
  { name: 'group/call/cancel', section: '4.6, 15.6', made: newTask, becomes: 4 },
  { name: 'group/call/provisional', section: '4.7, 15.6', made: newTask, becomes: 5 },
  { name: 'group/call/resume', section: '15.6', made: suspendedTask, becomes: 0 },
];

const badLists: readonly Sample[] = [
  sample([], 'an empty list'),
  sample('x', 'a text'),
  sample(1, 'a number'),
  sample({ 0: 1 }, 'an object'),
  sample(['x'], 'a list of letters'),
  sample([0], 'a list of 0'),
  sample([-1], 'a list of -1'),
  sample([1.5], 'a list of fractions'),
  sample([null], 'a list of null'),
  sample([[1]], 'a list of lists'),
];

for (const { name, section, made, becomes } of controls) {
  conforms(server, {
    name,
    section,
    method: 'POST',
    // The samples have `code` as a text (contract 15.2).
    literals: { code: 'string', status: 'string' },
    variants: [
      {
        title: 'taskIdList',
        valid: async () => ({ taskIdList: [await made()] }),
        fields: { taskIdList: required({ good: [], bad: badLists }) },
      },
      {
        title: 'jobIdList',
        valid: async () => ({ jobIdList: [await made()] }),
        fields: {},
      },
    ],
    data: nothing(),
    codes: [0, -1, -2, -16, -18, -20, -21, -22, -23, -24, -54],
    notProvoked: {
      [-20]: 'nothing in it can exist already',
      [-21]: 'what is wrong with the list is -22',
      [-23]: 'no upper limit is documented',
    },
    bodyLimitMiB: 1,
    cases: () => cases(),
    async show(_data, sent) {
      return server.mustGet(`/group/call/detail/${at(sent, 'taskIdList', 0)}`);
    },
  });

  describe(`${name}: all or nothing (contract 15.6)`, () => {
    for (const [title, other, code] of [
      ['a task of nobody', () => 999_999_999, -24],
      ['a task in a state that forbids it', () => cancelled, -54],
    ] as const) {
      test(`beside ${title}, ${code} that names it, and nothing is changed`, async () => {
        const taskId = await made();
        const before = numberAt(await server.mustGet(`/group/call/detail/${taskId}`), 'status');
        const answer = await server.post(`/${name}`, { taskIdList: [taskId, other()] });
        assert.equal(answer.code, code, answer.body);
        assert.match(answer.message, new RegExp(String(other())));
        assert.equal(numberAt(await server.mustGet(`/group/call/detail/${taskId}`), 'status'), before);
      });
    }
  });

  function cases(): Case[] {
    const ids =
      (value: Json): Case['change'] =>
      (valid) =>
        withField(valid, 'taskIdList', value);
    return [
      {
        title: `the task is in status ${becomes} then`,
        change: (valid) => valid,
        expects: accepted(['status', becomes]),
      },
      {
        title: 'an id as text',
        change: (valid) => withField(valid, 'taskIdList', [String(numberAt(valid, 'taskIdList', 0))]),
        expects: accepted(['status', becomes]),
      },
      {
        title: 'the same id twice',
        change: (valid) => {
          const taskId = numberAt(valid, 'taskIdList', 0);
          return withField(valid, 'taskIdList', [taskId, taskId]);
        },
        expects: accepted(['status', becomes]),
      },
      ...badLists.map(
        ({ title, make }): Case => ({
          title: `jobIdList, ${title}`,
          change: () => ({ jobIdList: make() }),
          expects: refused(-22, title === 'an empty list' ? /IdList/ : 'jobIdList'),
        }),
      ),
      { title: 'a task of nobody', change: ids([999_999_999]), expects: refused(-24, '999999999') },
      { title: 'a cancelled task', change: ids([cancelled]), expects: refused(-54, String(cancelled)) },
    ];
  }
}

describe('from which states a task can be controlled (contract 15.6)', () => {
  const finishedTask = async (): Promise<number> => {
    const numberList = [server.settings.people?.isUnknown ?? ''];
    const taskId = await server.sendTask({ voiceFileId, numberList, sendTime: null });
    await server.taskInStatus(taskId, 2);
    return taskId;
  };
  /** It calls nobody: in no window is it now. */
  const callingTask = async (): Promise<number> => {
    const fields = { voiceFileId, numberList: ['8613800000001'], sendTime: null, allowSendTime: [windowLater()] };
    const taskId = await server.sendTask(fields);
    await server.taskInStatus(taskId, 1);
    return taskId;
  };
  const cancelledTask = async (): Promise<number> => {
    const taskId = await newTask();
    await server.mustPost('/group/call/cancel', { taskIdList: [taskId] });
    return taskId;
  };
  const states: readonly { title: string; made: () => Promise<number>; status: number }[] = [
    { title: 'waiting', made: newTask, status: 0 },
    { title: 'calling', made: callingTask, status: 1 },
    { title: 'finished', made: finishedTask, status: 2 },
    { title: 'cancelled', made: cancelledTask, status: 4 },
    { title: 'suspended', made: suspendedTask, status: 5 },
  ];
  /** What follows from each of the states above; null: -54. */
  const follows: readonly [name: string, statuses: readonly (number | null)[]][] = [
    ['group/call/cancel', [4, 4, null, null, 4]],
    ['group/call/provisional', [5, 5, null, null, null]],
    ['group/call/resume', [null, null, null, null, 0]],
  ];
  for (const [name, statuses] of follows) {
    for (const [index, { title, made, status }] of states.entries()) {
      const next = statuses[index] ?? null;
      test(`${name} of a ${title} task: ${next === null ? '-54' : `status ${next}`}`, async (context) => {
        if (status === 2 && peopleOrSkip(context, server) === null) return;
        const taskId = await made();
        const answer = await server.post(`/${name}`, { taskIdList: [taskId] });
        assert.equal(answer.code, next === null ? -54 : 0, answer.body);
        assert.equal(numberAt(await server.mustGet(`/group/call/detail/${taskId}`), 'status'), next ?? status);
      });
    }
  }
});

/** A minute that is not now in any zone: none is half an hour off. */
function windowLater(): { strTime: string; endTime: string } {
  const clock = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
  return { strTime: clock(30), endTime: clock(31) };
}
