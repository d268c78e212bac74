import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { freePort } from '../support/free-port.ts';
import { at, listAt, numberAt, textAt } from '../support/json.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { isSigned, type ReceivedReport, type ReportReceiver, startReportReceiver } from '../support/report-receiver.ts';
import { numbersFrom, sendTask, taskRecords, uploadVoice, waitForTask } from '../support/task-client.ts';
import { until } from '../support/until.ts';

const callees = 20;
/** A minute of the schedule: an hour takes six seconds. */
const minuteMs = 100;

describe('reports', () => {
  let carillon: Carillon;
  let farSide: FarSide;
  let receiver: ReportReceiver | null = null;
  let port: number;
  let secret: string;
  before(async () => {
    port = await freePort();
    farSide = await startFarSide({
      behave: (number, nth) =>
        nth === 1 && Number(number.at(-1)) < 5
          ? { kind: 'reject', ringMs: 50, status: 486, reason: 'Busy Here' }
          : { kind: 'answer', ringMs: 50, talkMs: 300 },
    });
    const env = {
      CARILLON_REPORT_NETWORKS: '127.0.0.0/8',
      CARILLON_REPORT_MINUTE_MS: String(minuteMs),
      CARILLON_RECALL_MINUTE_MS: '1000',
    };
    carillon = await startCarillon({ env });
    await carillon.addTrunk(farSide.port);
    const url = `http://127.0.0.1:${port}/reports`;
    await carillon.admin('PATCH', `/apps/${carillon.appId}`, { reportUrl: url });
    secret = textAt(await carillon.admin('GET', `/apps/${carillon.appId}/report-secret`), 'reportSecret');
  });
  after(async () => {
    await receiver?.close();
    await carillon?.stop();
    await farSide?.close();
  });

  const counts = async (name: string): Promise<number> =>
    numberAt(await carillon.admin('GET', `/apps/${carillon.appId}/report-counts`), name);

  test('a receiver that was down for an hour, and a kill -9 in mid-flow: each report arrives, signed, the rounds of a callee in order', async (context) => {
    const voiceFileId = await uploadVoice(carillon, 'reports.wav');
    const numbers = numbersFrom(8613700000000, callees);
    const recallFlow = { recallType: 1, recallInterval: 1, recallNum: 1 };
    const taskId = await sendTask(carillon, { taskName: 'reports', voiceFileId, numberList: numbers, recallFlow });
    await waitForTask(carillon, taskId, 2, 60_000);
    const failed = numbers.filter((number) => Number(number.at(-1)) < 5);
    await until(async () => (await counts('pending')) + (await counts('retrying')) >= callees + failed.length, {
      what: 'the reports of both rounds to wait for their receiver',
      timeoutMs: 60_000,
      detail: () => carillon.log(),
    });
    // Six tries in vain take 22 minutes of the schedule, and the seventh would come after an hour more.
    const { tries } = await until(
      async () => {
        const retrying = await carillon.admin('GET', `/apps/${carillon.appId}/reports?state=retrying&pageSize=200`);
        const most = Math.max(0, ...listAt(retrying, 'items').map((item) => numberAt(item, 'tries')));
        return most >= 6 ? { tries: most } : null;
      },
      { what: 'tries in vain', timeoutMs: 120_000, detail: () => carillon.log() },
    );
    context.diagnostic(`${tries} tries in vain before the receiver came`);
    assert.equal(await counts('deliveredOfLastDay'), 0);

    // It is back, and in the midst of it the process is killed, with POSTs that have arrived and were not answered.
    const killAt = 8;
    let kill: Promise<void> | null = null;
    let isKilled = false;
    receiver = await startReportReceiver(port);
    receiver.behave((response) => {
      if (isKilled || (receiver?.posts.length ?? 0) < killAt) {
        response.end();
        return;
      }
      kill ??= carillon.pidOf('api').then((pid) => {
        process.kill(pid, 'SIGKILL');
        isKilled = true;
      });
    });
    const arrived = receiver;
    const seen = (): Set<string> => new Set(arrived.voiceIds());
    await until(() => seen().size >= callees + failed.length, {
      what: 'every report',
      timeoutMs: 120_000,
      detail: () => `${seen().size} of ${callees + failed.length}\n${carillon.log()}`,
    });
    assert.ok(isKilled, 'the process was killed');
    await kill;
    await until(async () => (await deliveredCount()) === callees + failed.length, {
      what: 'the ledger to say so',
      timeoutMs: 60_000,
      detail: () => carillon.log(),
    });

    const reports = arrived.posts.flatMap((post) => post.reports);
    assert.ok(arrived.posts.length > seen().size, 'what was not answered was sent again');
    context.diagnostic(`${arrived.posts.length} POSTs for ${seen().size} reports`);
    for (const post of arrived.posts) assert.ok(isSigned(post, secret), 'signed');
    const first = reports.filter((report) => report.taskId === taskId);
    assert.deepEqual([...new Set(first.map((report) => report.callee))].toSorted(), numbers);
    const records = await taskRecords(carillon, taskId);
    for (const record of records) assertSays(first, String(at(record, 'voiceId')), Number(at(record, 'callStatus')));
    const second = reports.filter((report) => report.sourceTaskId === taskId);
    assert.deepEqual([...new Set(second.map((report) => report.callee))].toSorted(), failed);
    for (const report of second) assert.deepEqual([report.outRecallCount, report.callStatus], [1, 50]);
    for (const report of first) assert.equal(report.outRecallCount, 0);
  });

  /** Over all tasks of the app; the admin API may be away for a moment after the kill. */
  async function deliveredCount(): Promise<number> {
    try {
      return await counts('deliveredOfLastDay');
    } catch (error) {
      if (error instanceof TypeError) return -1;
      throw error;
    }
  }
});

/** What came more than once says the same each time. */
function assertSays(reports: readonly ReceivedReport[], voiceId: string, callStatus: number): void {
  const found = reports.filter((report) => report.voiceId === voiceId);
  assert.ok(found.length > 0, voiceId);
  for (const report of found) {
    assert.equal(report.callStatus, callStatus);
    assert.deepEqual(report, found[0]);
  }
}
