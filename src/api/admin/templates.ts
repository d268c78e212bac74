import { Type } from 'typebox';
import { getAccount } from '../../domain/account/account-store.ts';
import { errors } from '../../domain/error/registry.ts';
import { inTransaction } from '../../domain/in-transaction.ts';
import { type Template, templateText } from '../../domain/template/template.ts';
import {
  createTemplate,
  deleteTemplate,
  getTemplate,
  listTemplates,
  lockTemplate,
  type NewTemplate,
  updateTemplate,
} from '../../domain/template/template-store.ts';
import { VoiceCheck } from '../v3/voice-check.ts';
import type { AdminDeps, AdminInstance } from './admin-instance.ts';
import { pageOfList } from './paging.ts';
import * as schema from './schema.ts';
import { newTemplateSchema, templateChangeSchema, templateQuerySchema, templateSchema } from './template-schema.ts';

const tags = ['templates'];
const params = schema.idParamsSchema;
const response = { 200: templateSchema };

type Deps = Pick<AdminDeps, 'db' | 'voices'>;

/** /templates: what clients name as `dimensionId` (contract 6.3). */
export function mountTemplates(instance: AdminInstance, deps: Deps): void {
  const { db } = deps;
  instance.get(
    '/templates',
    { schema: { tags, querystring: templateQuerySchema, response: { 200: schema.pageSchema(templateSchema) } } },
    async ({ query }) => {
      const templates = await listTemplates(db, query.accountId ?? null);
      return pageOfList(templates.map(templateAnswer), query);
    },
  );
  instance.post(
    '/templates',
    { schema: { tags, body: newTemplateSchema, response: { 201: templateSchema } } },
    async (request, reply) => {
      const template = await checked(deps, { ...defaults, ...request.body });
      return reply.code(201).send(templateAnswer(await createTemplate(db, template)));
    },
  );
  instance.get('/templates/:id', { schema: { tags, params, response } }, async (request) =>
    templateAnswer(await getTemplate(db, request.params.id)),
  );
  instance.patch(
    '/templates/:id',
    { schema: { tags, params, body: templateChangeSchema, response } },
    async ({ params: { id }, body }) =>
      inTransaction(db, async (tx) => {
        const { templateId: _, createdAt, updatedAt, ...stored } = await lockTemplate(tx, id);
        const template = await checked({ ...deps, db: tx }, { ...stored, ...body });
        return templateAnswer(await updateTemplate(tx, id, template));
      }),
  );
  instance.delete(
    '/templates/:id',
    { schema: { tags, params, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await deleteTemplate(db, request.params.id);
      return reply.code(204).send(null);
    },
  );
}

const defaults = {
  ...{ speakingRate: null, ssmlGender: null, accent: null, displayNum: null },
  ...{ delayPlayS: 0, delayHangupS: 0, maxRingingS: 60, loopCount: 1, maxCallS: 120 },
};

/** Refuses what the account's synthesizer does not speak, and gives the language as it is stored. */
async function checked({ db, voices }: Deps, template: NewTemplate): Promise<NewTemplate> {
  const { speechProvider } = await getAccount(db, template.accountId);
  const { lan, text } = template;
  if (text.includes('\0') || !text.isWellFormed()) throw errors.badParameter('text', 'is not valid Unicode text');
  new VoiceCheck(voices, speechProvider).check({ lan, text: templateText(text) }, (field) => field);
  return { ...template, lan: lan.toUpperCase() };
}

function templateAnswer(template: Template) {
  const { createdAt, updatedAt, ...rest } = template;
  return { ...rest, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
