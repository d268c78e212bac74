import { randomUUID } from 'node:crypto';
import { getApp, getReportSecret } from '../../domain/app/app-store.ts';
import { errors } from '../../domain/error/registry.ts';
import { sampleReport } from '../../domain/report/sample-report.ts';
import { createReceiver } from '../../webhook/receiver.ts';
import { signedHeaders } from '../../webhook/signed-headers.ts';
import type { AdminDeps } from './admin-instance.ts';

/** As for a report. */
const deadlineMs = 10_000;

/**
 * Posts a made-up report to an app's URL, signed and in the form that the app has its reports in, with `isTest` in it and `Carillon-Test: true` above it. It is in no
 * ledger and is tried once. Throws `unknownEntry`, and `badParameter` where the app has no URL.
 */
export async function sendTestReport(
  { db, clock, reportAddresses: rule }: Pick<AdminDeps, 'db' | 'clock' | 'reportAddresses'>,
  appId: string,
) {
  const app = await getApp(db, appId);
  const secret = await getReportSecret(db, appId);
  if (app.reportUrl === null || secret === null) throw errors.badParameter('reportUrl', 'must be set for a test');
  const now = new Date(clock.now());
  const sample = { ...sampleReport(appId, now), isTest: true };
  const body = JSON.stringify(app.hasReportBatches ? [sample] : sample);
  const receiver = createReceiver(new URL(app.reportUrl), { rule, clock, maxConnections: 1, deadlineMs });
  try {
    const headers = signedHeaders(body, { secret, deliveryId: randomUUID(), now });
    const { problem, httpStatus, tookMs } = await receiver.post(body, { ...headers, 'carillon-test': 'true' });
    return { isDelivered: problem === null, tookMs, httpStatus, problem };
  } finally {
    await receiver.close();
  }
}
