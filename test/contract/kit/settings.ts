/** The environment variables by which the suite is pointed at a server; README.md says what each is for. */
export const variables = {
  baseUrl: 'CARILLON_CONTRACT_BASE_URL',
  apiKey: 'CARILLON_CONTRACT_API_KEY',
  apiSecret: 'CARILLON_CONTRACT_API_SECRET',
  appId: 'CARILLON_CONTRACT_APP_ID',
  smsAppId: 'CARILLON_CONTRACT_SMS_APP_ID',
  smsNumber: 'CARILLON_CONTRACT_SMS_NUMBER',
  adminUrl: 'CARILLON_CONTRACT_ADMIN_URL',
  adminToken: 'CARILLON_CONTRACT_ADMIN_TOKEN',
  accountId: 'CARILLON_CONTRACT_ACCOUNT_ID',
  templateId: 'CARILLON_CONTRACT_TEMPLATE_ID',
  minuteMs: 'CARILLON_CONTRACT_MINUTE_MS',
  people: 'CARILLON_CONTRACT_PEOPLE',
  receiverHost: 'CARILLON_CONTRACT_RECEIVER_HOST',
} as const;

/** The people that the server under test can call: a number each of one who answers, is busy, declines, and does not exist. */
export type People = {
  readonly answers: string;
  readonly isBusy: string;
  readonly declines: string;
  readonly isUnknown: string;
};

/** Where the server under test is, and what is to be had there. What is null was not given. */
export type Settings = {
  readonly baseUrl: string;
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string };
  readonly appId: string;
  readonly smsAppId: string | null;
  /** A number that may be texted, hundreds of times. */
  readonly smsNumber: string | null;
  /** A template of sendIvr that speaks `text1`; its `dimensionId`. */
  readonly templateId: number | null;
  readonly admin: { readonly url: string; readonly token: string; readonly accountId: number } | null;
  /** How long a minute of `recallInterval` lasts there. */
  readonly minuteMs: number;
  readonly people: People | null;
  /** An address of this machine that the server can send reports to. */
  readonly receiverHost: string | null;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the environment names a server. */
export function namesServer(environment: Environment): boolean {
  return (environment[variables.baseUrl] ?? '') !== '';
}

/** Reads the settings. Throws where one is missing or makes no sense, with its name. */
export function readSettings(environment: Environment): Settings {
  const find = (name: keyof typeof variables): string | null => environment[variables[name]] || null;
  const need = (name: keyof typeof variables): string => {
    const value = find(name);
    if (value === null) throw new Error(`${variables[name]} is needed where ${variables.baseUrl} is given`);
    return value;
  };
  const baseUrl = need('baseUrl').replace(/\/+$/, '');
  const token = find('adminToken');
  const accountId = Number(find('accountId'));
  return {
    baseUrl,
    credentials: { apiKey: need('apiKey'), apiSecret: need('apiSecret') },
    appId: need('appId'),
    smsAppId: find('smsAppId'),
    smsNumber: find('smsNumber'),
    templateId: find('templateId') === null ? null : Number(find('templateId')),
    admin: token === null ? null : { url: find('adminUrl') ?? `${baseUrl}/admin/v1`, token, accountId },
    minuteMs: Number(find('minuteMs') ?? 60_000),
    people: readPeople(find('people')),
    receiverHost: find('receiverHost'),
  };
}

function readPeople(list: string | null): People | null {
  if (list === null) return null;
  const [answers, isBusy, declines, isUnknown] = list.split(',').map((number) => number.trim());
  if (answers === undefined || isBusy === undefined || declines === undefined || isUnknown === undefined) {
    throw new Error(`${variables.people} needs four numbers: of one who answers, is busy, declines, does not exist`);
  }
  return { answers, isBusy, declines, isUnknown };
}
