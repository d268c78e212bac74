import { errors } from '../../../domain/error/registry.ts';
import { type Endpoint, sendBodyLimit } from '../dialect-call.ts';
import { usualLiterals } from '../envelope.ts';
import { text } from '../rule.ts';

/** The AI and agent-template variants, which are out of scope (contract 15.15): they say so. */
export function notOfferedEndpoints(): Endpoint[] {
  const variants = ['send/ai', 'update/ai', 'resend/ai', 'send/agent'];
  return variants.map((variant) => ({
    method: 'POST',
    path: `/group/call/${variant}`,
    literals: usualLiterals,
    bodyLimit: sendBodyLimit,
    handle: () => Promise.reject(errors.notOffered(`group/call/${variant}`, instead)),
  }));
}

const instead = text(
  'tasks with AI scripts are out of its scope; use the group call without one (group/call/send, update, resend)',
  'AI 话术任务不在支持范围内，请使用普通群呼（group/call/send、update、resend）',
);
