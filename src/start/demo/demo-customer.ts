import { numberOf, objectOf, textOrNull } from './run-facts.ts';

/** What the demo's customer works with. */
export type Customer = {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly appId: string;
  /** What reports are signed with. */
  readonly reportSecret: string;
};

export type CustomerSetup = {
  readonly apiUrl: string;
  readonly adminToken: string;
  readonly trunk: {
    readonly host: string;
    readonly port: number;
    readonly maxCps: number;
    readonly maxChannels: number;
  };
  /** Where the customer takes reports. */
  readonly reportUrl: string;
};

/** What an operator does once, through the admin API: a trunk, an account, an app. */
export async function setUpCustomer(setup: CustomerSetup): Promise<Customer> {
  const post = (path: string, body: object): Promise<Record<string, unknown>> =>
    askAdmin(setup, { method: 'POST', path, body });
  await post('/trunks', {
    name: 'simulated carrier',
    ...setup.trunk,
    codecs: ['PCMA', 'PCMU'],
    callerIds: ['99910001000'],
  });
  const account = await post('/accounts', { name: 'demo' });
  const accountId = numberOf(account, 'accountId');
  const app = await post('/apps', { accountId, name: 'demo', kind: 'voice', reportUrl: setup.reportUrl });
  const appId = textOrNull(app, 'appId') ?? '';
  const secret = await askAdmin(setup, { method: 'GET', path: `/apps/${appId}/report-secret` });
  return {
    apiKey: textOrNull(account, 'apiKey') ?? '',
    apiSecret: textOrNull(account, 'apiSecret') ?? '',
    appId,
    reportSecret: textOrNull(secret, 'reportSecret') ?? '',
  };
}

type AdminRequest = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: object };

async function askAdmin(setup: CustomerSetup, { method, path, body }: AdminRequest): Promise<Record<string, unknown>> {
  const authorization = `Bearer ${setup.adminToken}`;
  const response = await fetch(`${setup.apiUrl}/admin/v1${path}`, {
    method,
    ...(body === undefined
      ? { headers: { authorization } }
      : { headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(15_000),
  });
  if (!response.ok) throw new Error(`admin API, ${method} ${path}: HTTP ${response.status} ${await response.text()}`);
  return objectOf(await response.json(), `${method} ${path}`);
}
