import type { Account } from '../../../domain/account/account.ts';
import { findApp } from '../../../domain/app/app-store.ts';
import { submitDirectCall } from '../../../domain/direct/submit-direct.ts';
import { errors } from '../../../domain/error/registry.ts';
import { formatVoiceId } from '../../../domain/record/voice-id.ts';
import type { TaskPlace } from '../../../domain/task/create.ts';
import type { Content } from '../../../domain/task/settings.ts';
import { contentOf, planOf } from '../../../domain/template/template.ts';
import { findTemplates } from '../../../domain/template/template-store.ts';
import { findVoiceFile } from '../../../domain/voice-file/voice-file-store.ts';
import { directAnswer } from '../answer/direct-answer.ts';
import { type Endpoint, usualBodyLimit } from '../dialect-call.ts';
import type { DialectDeps } from '../dialect-deps.ts';
import { readSendCode, readSendGroup, readSendIvr } from '../direct-fields.ts';
import { usualLiterals } from '../envelope.ts';
import { type IvrCalls, sortOutRows } from '../ivr-calls.ts';
import { rules } from '../rule.ts';
import { speak } from '../speak.ts';
import { VoiceCheck } from '../voice-check.ts';

/** sendGroup, sendCode and sendIvr (contract section 6). */
export function directEndpoints(deps: DialectDeps): Endpoint[] {
  const endpoint = (path: string, handle: Endpoint['handle']): Endpoint => ({
    ...{ method: 'POST', path, literals: usualLiterals, bodyLimit: usualBodyLimit, handle },
  });
  return [
    endpoint('/sendGroup', ({ account, body }) => sendGroup(deps, account, body)),
    endpoint('/sendCode', ({ account, body }) => sendCode(deps, account, body)),
    endpoint('/sendIvr', ({ account, body }) => sendIvr(deps, account, body)),
  ];
}

async function sendGroup(deps: DialectDeps, account: Account, body: unknown) {
  const { accountId } = account;
  const { appId, fileId, displayNum, calledInfo, plan, numbers } = readSendGroup(body);
  await requireVoiceApp(deps, account, appId);
  const file = await findVoiceFile(deps.db, accountId, fileId);
  if (file === null) throw errors.badParameter('fileId', rules.ownVoiceFile);
  const places: TaskPlace[] = [];
  if (numbers.callees.length > 0) {
    const callees = numbers.callees.map((number) => ({ number, variables: null }));
    const whom = { accountId, appId, displayNum, callees, calledInfo, templateId: null, recall: null };
    const what = { content: fileContent(fileId), promptId: file.promptId, plan };
    places.push(
      await submitDirectCall(deps.db, { endpoint: 'sendGroup', callType: 1, ...whom, ...what }, deps.scheduling),
    );
  }
  return directAnswer(numbers.entries, places, account.language);
}

async function sendCode(deps: DialectDeps, account: Account, body: unknown) {
  const { accountId, speechProvider } = account;
  const { callee, ...sent } = readSendCode(body, new VoiceCheck(deps.voices, speechProvider));
  await requireVoiceApp(deps, account, sent.appId);
  const promptId = await speak(deps, account, sent.content);
  const callees = [{ number: callee, variables: null }];
  const call = { ...sent, accountId, callees, promptId, templateId: null };
  const place = await submitDirectCall(deps.db, { endpoint: 'sendCode', callType: 2, ...call }, deps.scheduling);
  return formatVoiceId({ ...place, seq: 1 });
}

async function sendIvr(deps: DialectDeps, account: Account, body: unknown) {
  const { accountId, speechProvider } = account;
  const { appId, rows } = readSendIvr(body);
  await requireVoiceApp(deps, account, appId);
  const ids = rows.map((row) => row.templateId);
  const templates = await findTemplates(deps.db, accountId, ids);
  const { calls, entries } = sortOutRows(rows, templates, new VoiceCheck(deps.voices, speechProvider));
  const places = await submitTemplateCalls(deps, account, appId, calls);
  return directAnswer(entries, places, account.language);
}

/** One hidden task for each template, all or none. */
async function submitTemplateCalls(
  deps: DialectDeps,
  account: Account,
  appId: string,
  calls: IvrCalls['calls'],
): Promise<TaskPlace[]> {
  const { accountId } = account;
  const promptIds: (number | null)[] = [];
  for (const { template, isShared } of calls) {
    promptIds.push(isShared ? await speak(deps, account, contentOf(template)) : null);
  }
  return deps.db.transaction().execute(async (tx) => {
    const places: TaskPlace[] = [];
    for (const [index, { template, callees }] of calls.entries()) {
      const { templateId, displayNum } = template;
      const what = { content: contentOf(template), promptId: promptIds[index] ?? null, plan: planOf(template) };
      const whom = { accountId, appId, displayNum, callees, calledInfo: null, templateId, recall: null };
      places.push(await submitDirectCall(tx, { endpoint: 'sendIvr', callType: 1, ...whom, ...what }, deps.scheduling));
    }
    return places;
  });
}

/** These endpoints know no -24 (contract 6.1, 6.2). */
async function requireVoiceApp({ db }: DialectDeps, { accountId }: Account, appId: string): Promise<void> {
  const app = await findApp(db, accountId, appId);
  if (app?.kind !== 'voice') throw errors.badParameter('appId', rules.ownVoiceApp);
}

function fileContent(voiceFileId: string): Content {
  const noText = { text: null, lan: null, speakingRate: null, ssmlGender: null, accent: null };
  return { source: 1, voiceFileId, uploadName: null, ...noText };
}
