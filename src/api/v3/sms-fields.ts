import { errors } from '../../domain/error/registry.ts';
import type { SmsSubmission } from '../../domain/sms/submit.ts';
import { anything, isBlank, list, object, optional, type Reader, readFields, text } from './field.ts';

/** A checked message of sendSms: without the numbers that cannot be used, which are only counted. */
export type SentSms = Pick<SmsSubmission, 'content' | 'senderId' | 'recipients'> & { readonly refusedCount: number };

/** Numbers in one request; all messages of a batch together have as many as a POST. */
export const submittedMost = { get: 100, post: 1000 } as const;

const longestContent = 1024;

const messageFields = {
  numbers: anything(),
  content: anything(),
  senderId: optional(text({ max: 32 })),
  orderId: optional(text({ max: 100_000 })),
};

/** Reads a request of sendSms. Throws request errors with the codes of the SMS pages. */
export function readMessage(source: unknown, mostNumbers: number): SentSms & { readonly appId: string } {
  const { appId, ...fields } = readFields({ appId: text({ min: 1, max: 64 }), ...messageFields }, source);
  return { appId, ...checked(fields, mostNumbers, '') };
}

/** Reads a request of sendSms/batch. */
export function readBatch(body: unknown): { readonly appId: string; readonly messages: readonly SentSms[] } {
  const entry: Reader<SentSms> = (value, field) =>
    checked(object(messageFields)(value, field), submittedMost.post, `${field}.`);
  const fields = { appId: text({ min: 1, max: 64 }), array: list(entry, { min: 1, max: submittedMost.post }) };
  const { appId, array: messages } = readFields(fields, body);
  const count = messages.reduce((sum, message) => sum + message.recipients.length + message.refusedCount, 0);
  if (count > submittedMost.post) throw errors.tooManySmsNumbers('array', submittedMost.post, count);
  return { appId, messages };
}

type MessageFields = {
  readonly numbers: unknown;
  readonly content: unknown;
  readonly senderId: string | null;
  readonly orderId: string | null;
};

/** `path` comes before the names of the fields in errors: '' at the top. */
function checked({ numbers, content, senderId, orderId }: MessageFields, mostNumbers: number, path: string): SentSms {
  const sent = contentOf(content, `${path}content`);
  const given = numbersOf(numbers);
  const field = `${path}numbers`;
  if (given.length === 0) throw errors.noSmsNumber(field);
  if (given.length > mostNumbers) throw errors.tooManySmsNumbers(field, mostNumbers, given.length);
  const orderIds = orderId === null ? null : orderId.split(',').map((id) => id.trim());
  if (orderIds !== null && orderIds.length !== given.length)
    throw errors.orderIdsDiffer(`${path}orderId`, given.length, orderIds.length);
  const all = given.map((number, index) => ({ number, orderId: orderIds?.[index] ?? null }));
  const recipients = all.filter(({ number }) => /^\d{6,18}$/.test(number));
  if (recipients.length === 0) throw errors.badSmsNumbers(field, given[0] ?? '');
  return { content: sent, senderId, recipients, refusedCount: all.length - recipients.length };
}

function contentOf(value: unknown, field: string): string {
  if (value === undefined || value === '' || isBlank(value)) throw errors.noSmsContent(field);
  const content = text({ max: Number.MAX_SAFE_INTEGER })(value, field);
  const length = Array.from(content).length;
  if (length > longestContent) throw errors.smsContentTooLong(field, longestContent, length);
  return content;
}

/** Separated by commas; a list is taken, too. Blanks around them, and empty ones at the end, are nothing. */
function numbersOf(value: unknown): string[] {
  const parts = Array.isArray(value) ? value.map(String) : value === undefined ? [] : String(value).split(',');
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
