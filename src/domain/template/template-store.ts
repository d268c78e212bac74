import { type SelectQueryBuilder, sql } from 'kysely';
import type { Db, Tables } from '../../db/tables.ts';
import { isDatabaseError, sqlState } from '../error/database-error.ts';
import { errors } from '../error/registry.ts';
import type { Template } from './template.ts';

/** What an operator says of a new template. */
export type NewTemplate = Omit<Template, 'templateId' | 'createdAt' | 'updatedAt'>;

/** What is left out stays. The account cannot be changed: calls of its clients name the template. */
export type TemplateChange = Partial<Omit<NewTemplate, 'accountId'>>;

/** Throws `nameTaken`, and `unknownEntry` for the account. */
export async function createTemplate(db: Db, fields: NewTemplate): Promise<Template> {
  const insert = db
    .insertInto('template')
    .values({ account_id: fields.accountId, ...columnsOf(fields) })
    .returning('template_id');
  const { template_id: templateId } = await asRequestErrors(() => insert.executeTakeFirstOrThrow(), fields);
  return getTemplate(db, templateId);
}

/** Throws `unknownEntry`. */
export async function getTemplate(db: Db, templateId: number): Promise<Template> {
  const template = await selectTemplates(db).where('template_id', '=', templateId).executeTakeFirst();
  if (!template) throw errors.unknownEntry('template', templateId);
  return template;
}

/** As {@link getTemplate}, and nobody changes it until the transaction ends: what a change leaves alone is still as it was read. */
export async function lockTemplate(tx: Db, templateId: number): Promise<Template> {
  await tx.selectFrom('template').select('name').where('template_id', '=', templateId).forUpdate().execute();
  return getTemplate(tx, templateId);
}

/** Of one account, or of all when null; oldest first. */
export async function listTemplates(db: Db, accountId: number | null): Promise<Template[]> {
  const templates = selectTemplates(db).orderBy('template_id');
  return (accountId === null ? templates : templates.where('account_id', '=', accountId)).execute();
}

/** Those of the ids that the account has, by id. */
export async function findTemplates(
  db: Db,
  accountId: number,
  ids: readonly number[],
): Promise<ReadonlyMap<number, Template>> {
  const found = await selectTemplates(db)
    .where('account_id', '=', accountId)
    .where(sql<boolean>`template_id = any(${[...new Set(ids)]}::bigint[])`)
    .execute();
  return new Map(found.map((template) => [template.templateId, template]));
}

/** Calls under way keep what they were sent with. Throws as {@link createTemplate} and {@link getTemplate} do. */
export async function updateTemplate(db: Db, templateId: number, change: TemplateChange): Promise<Template> {
  const update = db
    .updateTable('template')
    .set({ ...columnsOf(change), updated_at: sql`now()` })
    .where('template_id', '=', templateId);
  await asRequestErrors(() => update.execute(), change);
  return getTemplate(db, templateId);
}

/** Calls under way keep what they were sent with, and their records its id. Throws `unknownEntry`. */
export async function deleteTemplate(db: Db, templateId: number): Promise<void> {
  const deleted = await db.deleteFrom('template').where('template_id', '=', templateId).executeTakeFirst();
  if (deleted.numDeletedRows === 0n) throw errors.unknownEntry('template', templateId);
}

function selectTemplates(db: Db): SelectQueryBuilder<Tables, 'template', Template> {
  return db
    .selectFrom('template')
    .select([
      'template_id as templateId',
      'account_id as accountId',
      'name',
      'text',
      'lan',
      'speaking_rate as speakingRate',
      'ssml_gender as ssmlGender',
      'accent',
      'display_num as displayNum',
      'delay_play_s as delayPlayS',
      'delay_hangup_s as delayHangupS',
      'max_ringing_s as maxRingingS',
      'loop_count as loopCount',
      'max_call_s as maxCallS',
      'created_at as createdAt',
      'updated_at as updatedAt',
    ]);
}

/** Kysely leaves out what is undefined. */
function columnsOf<T extends TemplateChange>(fields: T) {
  return {
    name: fields.name as T['name'],
    text: fields.text as T['text'],
    lan: fields.lan as T['lan'],
    speaking_rate: fields.speakingRate as T['speakingRate'],
    ssml_gender: fields.ssmlGender as T['ssmlGender'],
    accent: fields.accent as T['accent'],
    display_num: fields.displayNum as T['displayNum'],
    delay_play_s: fields.delayPlayS,
    delay_hangup_s: fields.delayHangupS,
    max_ringing_s: fields.maxRingingS,
    loop_count: fields.loopCount,
    max_call_s: fields.maxCallS,
  };
}

async function asRequestErrors<T>(run: () => Promise<T>, fields: TemplateChange & { accountId?: number }): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isDatabaseError(error, sqlState.uniqueViolation)) throw errors.nameTaken('template', fields.name ?? '');
    if (isDatabaseError(error, sqlState.foreignKeyViolation))
      throw errors.unknownEntry('account', fields.accountId ?? 0);
    throw error;
  }
}
