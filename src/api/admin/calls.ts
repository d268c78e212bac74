import { extname } from 'node:path';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Db } from '../../db/tables.ts';
import { errors } from '../../domain/error/registry.ts';
import type { CallTraceRecord } from '../../domain/trace/call-trace-record.ts';
import { drawLadder } from '../../domain/trace/ladder-svg.ts';
import { writeLadder } from '../../domain/trace/ladder-text.ts';
import { writePcap } from '../../domain/trace/pcap.ts';
import { findTrace } from '../../domain/trace/trace-store.ts';
import type { AdminInstance } from './admin-instance.ts';
import { getCall, listCalls } from './call-query.ts';
import { type CallAnswer, callParamsSchema, callQuerySchema, callSchema, traceSchema } from './call-schema.ts';
import { pageSchema } from './schema.ts';
import { traceAnswer } from './trace-answer.ts';

const tags = ['calls'];
const params = callParamsSchema;

/** /tasks/{id}/calls: what became of each callee, and what was said on the wire where that was traced. Numbers are shown in full. */
export function mountCalls(instance: AdminInstance, db: Db): void {
  instance.get(
    '/tasks/:id/calls',
    {
      schema: {
        tags,
        params: Type.Object({ id: params.properties.id }),
        querystring: callQuerySchema,
        response: { 200: pageSchema(callSchema) },
      },
    },
    async ({ params: { id }, query: { page = 1, pageSize = 50, ...filter } }) => {
      const { total, items } = await listCalls(db, id, filter, { limit: pageSize, offset: (page - 1) * pageSize });
      return { total, page, pageSize, items };
    },
  );
  instance.get(
    '/tasks/:id/calls/:seq',
    { schema: { tags, params, response: { 200: callSchema } } },
    async (request) => (await getCall(db, request.params.id, request.params.seq)).call,
  );
  mountTraces(instance, db);
}

/** A form that a trace is given in besides JSON. */
type TraceForm = {
  readonly type: string;
  readonly description: string;
  write(call: CallAnswer, trace: CallTraceRecord): string | Buffer;
};

const ladder: TraceForm = {
  type: 'text/plain',
  description: 'The trace as a ladder diagram in plain text',
  write: (call, trace) => writeLadder(headingOf(call), trace),
};

const forms: Readonly<Record<string, TraceForm>> = {
  'trace.txt': ladder,
  'trace.svg': {
    type: 'image/svg+xml',
    description: 'The trace as a ladder diagram, drawn',
    write: (call, trace) => drawLadder(headingOf(call), trace),
  },
  'trace.pcap': {
    type: 'application/vnd.tcpdump.pcap',
    description: "The trace's messages as a capture file, for Wireshark",
    write: (_call, trace) => writePcap(trace),
  },
};

function mountTraces(instance: AdminInstance, db: Db): void {
  const json = { description: 'The trace', content: { 'application/json': { schema: traceSchema } } };
  instance.get(
    '/tasks/:id/calls/:seq/trace',
    { schema: { tags, params, response: { 200: { ...json, content: { ...json.content, ...contentOf(ladder) } } } } },
    async (request, reply) => {
      const { call, trace } = await readTrace(db, request.params);
      const wantsText = /^text\/plain\b/i.test(request.headers.accept ?? '');
      return wantsText ? sendForm(reply, ladder, { call, trace }) : reply.headers(unkept).send(traceAnswer(trace));
    },
  );
  for (const [fileName, form] of Object.entries(forms)) {
    const { description } = form;
    instance.get(
      `/tasks/:id/calls/:seq/${fileName}`,
      { schema: { tags, params, response: { 200: { description, content: contentOf(form) } } } },
      async (request, reply) => {
        const { id, seq } = request.params;
        const name = `call-${id}-${seq}${extname(fileName)}`;
        reply.header('content-disposition', `inline; filename="${name}"`);
        return sendForm(reply, form, await readTrace(db, request.params));
      },
    );
  }
}

/** Whose number was called and what was said there is nobody else's business. */
const unkept = { 'cache-control': 'no-store' };

function contentOf({ type }: TraceForm) {
  return { [type]: { schema: Type.Unsafe<string | Buffer>({ type: 'string' }) } };
}

function sendForm(reply: FastifyReply, form: TraceForm, { call, trace }: ReadTrace): FastifyReply {
  const type = form.type.startsWith('text/') ? `${form.type}; charset=utf-8` : form.type;
  return reply.headers(unkept).type(type).send(form.write(call, trace));
}

type ReadTrace = { readonly call: CallAnswer; readonly trace: CallTraceRecord };

/** Throws `unknownEntry`, `noTrace`. */
async function readTrace(db: Db, { id, seq }: { id: number; seq: number }): Promise<ReadTrace> {
  const { createdDay, call } = await getCall(db, id, seq);
  const trace = await findTrace(db, { createdDay, taskId: id, seq });
  if (trace === null) throw errors.noTrace(id, seq);
  return { call, trace };
}

/** What a ladder says above its lines. */
function headingOf(call: CallAnswer): string[] {
  const over =
    call.trunkId === null
      ? ''
      : `, attempt ${call.attempt} over trunk ${call.trunkId} (${call.trunkName ?? 'deleted'})`;
  const status = call.sipStatus === null ? '' : `, SIP ${call.sipStatus}`;
  const cause = call.q850Cause === null ? '' : `, Q.850 cause ${call.q850Cause}`;
  return [
    `Call ${call.seq} of task ${call.taskId} to ${call.number}${over}`,
    `Status ${call.callStatus}, code ${call.terminationCode}: ${call.terminationReason}${status}${cause}`,
  ];
}
