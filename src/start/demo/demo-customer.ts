import { numberOf, objectOf, textOrNull } from './run-facts.ts';

/** What the demo's customer works with. */
export type Customer = { readonly apiKey: string; readonly apiSecret: string; readonly appId: string };

export type CustomerSetup = {
  readonly apiUrl: string;
  readonly adminToken: string;
  readonly trunk: {
    readonly host: string;
    readonly port: number;
    readonly maxCps: number;
    readonly maxChannels: number;
  };
};

/** What an operator does once, through the admin API: a trunk, an account, an app. */
export async function setUpCustomer(setup: CustomerSetup): Promise<Customer> {
  const post = (path: string, body: object): Promise<Record<string, unknown>> => adminPost(setup, path, body);
  await post('/trunks', {
    name: 'simulated carrier',
    ...setup.trunk,
    codecs: ['PCMA', 'PCMU'],
    callerIds: ['99910001000'],
  });
  const account = await post('/accounts', { name: 'demo' });
  const app = await post('/apps', { accountId: numberOf(account, 'accountId'), name: 'demo', kind: 'voice' });
  return {
    apiKey: textOrNull(account, 'apiKey') ?? '',
    apiSecret: textOrNull(account, 'apiSecret') ?? '',
    appId: textOrNull(app, 'appId') ?? '',
  };
}

async function adminPost(setup: CustomerSetup, path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${setup.apiUrl}/admin/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${setup.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  if (!response.ok) throw new Error(`admin API, POST ${path}: HTTP ${response.status} ${await response.text()}`);
  return objectOf(await response.json(), `POST ${path}`);
}
