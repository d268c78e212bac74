import { type Carillon, startCarillon } from '../../support/carillon.ts';
import type { Behaviour } from '../../support/far-side-call.ts';
import { numberAt, textAt } from '../../support/json.ts';
import { type FarSide, startFarSide } from '../../support/ledger.ts';
import { variables } from './settings.ts';

/** A platform of our own for the suite, with a carrier behind it, and the settings that point the suite at it. */
export type OwnServer = {
  readonly environment: Readonly<Record<string, string>>;
  /** The last lines of its log. */
  log(): string;
  /** Idempotent. */
  stop(): Promise<void>;
};

/** How the people behind the carrier take a call: by how their number begins. */
const behaviours: readonly (readonly [prefix: string, behaviour: Behaviour])[] = [
  ['86139001', { kind: 'answer', ringMs: 50, talkMs: null }],
  ['86139002', { kind: 'reject', ringMs: 50, status: 486, reason: 'Busy Here' }],
  ['86139003', { kind: 'reject', ringMs: 50, status: 603, reason: 'Decline' }],
  ['86139004', { kind: 'reject', ringMs: null, status: 404, reason: 'Not Found' }],
];

/** Starts it, with its own database and ports on loopback. */
export async function startOwnServer(): Promise<OwnServer> {
  const farSide = await startFarSide({ behave });
  let carillon: Carillon | null = null;
  const stop = async (): Promise<void> => {
    await carillon?.stop();
    await farSide.close();
  };
  try {
    carillon = await startCarillon({
      env: { CARILLON_RECALL_MINUTE_MS: '1000', CARILLON_REPORT_NETWORKS: '127.0.0.0/8' },
    });
    const environment = await furnish(carillon, farSide);
    const { log } = carillon;
    return { environment, log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function behave(number: string): Behaviour {
  const found = behaviours.find(([prefix]) => number.startsWith(prefix));
  return found?.[1] ?? { kind: 'reject', ringMs: null, status: 404, reason: 'Not Found' };
}

async function furnish(carillon: Carillon, farSide: FarSide): Promise<Record<string, string>> {
  await carillon.addTrunk(farSide.port, { maxCps: 200, maxChannels: 50 });
  const { accountId } = carillon;
  const channel = await carillon.admin('POST', '/sms-channels', { name: 'contract', kind: 'outbox' });
  const smsChannelId = numberAt(channel, 'smsChannelId');
  const sms = { accountId, name: 'contract sms', kind: 'sms', smsChannelId };
  const smsApp = await carillon.admin('POST', '/apps', sms);
  const template = { accountId, name: 'contract', text: 'hello {Text1}', lan: 'EN' };
  const templateId = numberAt(await carillon.admin('POST', '/templates', template), 'templateId');
  const people = behaviours.map(([prefix]) => `${prefix}00001`);
  return {
    [variables.baseUrl]: carillon.baseUrl,
    [variables.apiKey]: carillon.credentials.apiKey,
    [variables.apiSecret]: carillon.credentials.apiSecret,
    [variables.appId]: carillon.appId,
    [variables.smsAppId]: textAt(smsApp, 'appId'),
    [variables.smsNumber]: '8613800000001',
    [variables.adminToken]: carillon.adminToken,
    [variables.accountId]: String(accountId),
    [variables.templateId]: String(templateId),
    [variables.minuteMs]: '1000',
    [variables.people]: people.join(','),
    [variables.receiverHost]: '127.0.0.1',
  };
}
