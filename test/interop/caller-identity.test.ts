import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { at, type Json } from '../support/json.ts';
import { type Sipp, startSippServer } from '../support/sipp.ts';
import { sendTask, taskRecords, uploadVoice, waitForTask } from '../support/task-client.ts';

const scenario = (name: string): string => fileURLToPath(new URL(`./carrier/${name}.xml`, import.meta.url));

type Case = {
  /** Checks the INVITE, and is busy only when it is as expected. */
  readonly scenario: string;
  readonly number: string;
  readonly trunk: { readonly [key: string]: Json };
  /** In the record. */
  readonly displayNum: string;
};

const cases: readonly Case[] = [
  {
    scenario: 'uas-expect-identity',
    number: '86130000001',
    trunk: {
      prefixes: ['8613'],
      stripPrefix: '86130',
      addPrefix: '00613',
      username: 'acme',
      password: 'secret',
      fromDomain: 'ims.example',
      callerIds: ['4930123456'],
      callerIdHasPlus: true,
      identity: 'p_asserted',
      headers: [{ name: 'X-Call', value: '${taskId}/${seq} ${number} ${callerId}' }],
    },
    displayNum: '4930123456',
  },
  {
    scenario: 'uas-expect-privacy',
    number: '86140000001',
    trunk: { prefixes: ['8614'], hasPlus: true, callerIds: ['1008'], identity: 'p_asserted', isPrivate: true },
    displayNum: '1008',
  },
  {
    scenario: 'uas-expect-remote-party',
    number: '86150000001',
    trunk: {
      prefixes: ['8615'],
      username: 'acme',
      fromUser: 'caller_id',
      callerIds: ['1008'],
      identity: 'remote_party',
    },
    displayNum: '1008',
  },
];

describe('who calls, as SIPp sees it on the wire', () => {
  let carillon: Carillon;
  const carriers: Sipp[] = [];
  let records: readonly Json[] = [];
  before(async () => {
    carillon = await startCarillon();
    for (const { scenario: name, trunk } of cases) {
      const carrier = await startSippServer({ scenario: scenario(name), calls: 1 });
      carriers.push(carrier);
      await carillon.addTrunk(carrier.port, trunk);
    }
    const voiceFileId = await uploadVoice(carillon, 'prompt.wav');
    const numberList = cases.map(({ number }) => number);
    const taskId = await sendTask(carillon, { taskName: 'who calls', voiceFileId, numberList });
    await waitForTask(carillon, taskId, 2, 60_000);
    records = await taskRecords(carillon, taskId);
  });
  after(async () => {
    await Promise.all(carriers.map((carrier) => carrier.stop()));
    await carillon?.stop();
  });

  /** What SIPp says of it, and the record, which keeps both numbers as they are known here. */
  async function check(name: string): Promise<void> {
    const index = cases.findIndex(({ scenario: known }) => known === name);
    const { number, displayNum } = cases[index] ?? assert.fail(`no case ${name}`);
    const { exitCode, errors } = (await carriers[index]?.finished(20_000)) ?? assert.fail(`no carrier ${name}`);
    assert.equal(exitCode, 0, `SIPp is not content: ${errors}`);
    const record = records.find((row) => at(row, 'callee') === number) ?? null;
    assert.deepEqual([at(record, 'sipCode'), at(record, 'displayNum')], ['486', displayNum]);
  }

  test('who calls: P-Asserted-Identity, headers of the trunk, a rewritten number', () => check('uas-expect-identity'));
  test('who calls: hidden from the callee by Privacy, told to the trunk', () => check('uas-expect-privacy'));
  test('who calls: Remote-Party-ID, the number as the user of From', () => check('uas-expect-remote-party'));
});
