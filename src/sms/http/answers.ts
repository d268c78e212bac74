import { type OutgoingSms, refusedForNow, type SmsReceipt, type SmsSendResult } from '../sms-transport.ts';
import type { Exchange } from './exchange.ts';

/** What an exchange says of the platform at its other end. */
export type Health = { readonly isUp: boolean; readonly reason: string | null };

/** How long a platform is left alone that says that something must be put right over there, ms. */
const attentionMs = 60_000;
/** The same, after too many requests. */
const throttledMs = 5000;

/**
 * Codes that somebody has to do something about before any message is taken: key, address, application, balance, tariff. Nothing is wrong with the
 * message, so it waits. All other codes are about the message, and final.
 */
const needsAttention = new Set(['-1', '-2', '-10', '-13', '-16', '-19', '-24', '-26', '-29', '-30', '-31', '-32']);
const throttled = new Set(['-15']);
/** Faults of the platform. Whether it has taken the message it does not say. */
const isFault = new Set(['-12', '-18']);

/** What became of each of the messages that one `sendSms` carried, in their order; they differ in their numbers. */
export function resultsOf(
  exchange: Exchange,
  messages: readonly OutgoingSms[],
): { results: SmsSendResult[]; health: Health } {
  const all = (result: SmsSendResult, health: Health) => ({ results: messages.map(() => result), health });
  switch (exchange.type) {
    case 'unsent':
      return all(refusedForNow(exchange.reason), { isUp: false, reason: exchange.reason });
    case 'lost':
      return all(unknown(exchange.reason), { isUp: false, reason: exchange.reason });
    case 'answered': {
      const answer = parse(exchange);
      if (answer === null) return unreadable(exchange, all);
      const { code, reason } = answer;
      if (code === '0') return { results: messages.map((message) => taken(answer.entries, message)), health: up };
      if (isFault.has(code)) return all(unknown(`${code} ${reason}`), { isUp: false, reason });
      if (needsAttention.has(code))
        return all(refusedForNow(reason, code, attentionMs), { isUp: false, reason: `${code} ${reason}` });
      if (throttled.has(code)) return all(refusedForNow(reason, code, throttledMs), up);
      return all({ type: 'refused', isFinal: true, code, reason, retryAfterMs: null }, up);
    }
  }
}

/** The receipts in an answer of `getReport`: of messages that are still under way it says so, and there is none. */
export function receiptsOf(exchange: Exchange): { receipts: SmsReceipt[]; health: Health } {
  if (exchange.type !== 'answered') return { receipts: [], health: { isUp: false, reason: exchange.reason } };
  const answer = parse(exchange);
  if (answer === null) return { receipts: [], health: { isUp: false, reason: `HTTP ${exchange.httpStatus}` } };
  if (answer.code !== '0') return { receipts: [], health: { isUp: false, reason: `${answer.code} ${answer.reason}` } };
  const receipts = answer.entries.flatMap(({ msgId, status, receiveTime }): SmsReceipt[] => {
    if (msgId === null || (status !== '0' && status !== '1' && status !== '2')) return [];
    const doneAt = receiveTime === null ? null : new Date(receiveTime);
    const isTime = doneAt !== null && !Number.isNaN(doneAt.getTime());
    return [
      {
        providerId: msgId,
        state: status === '0' ? 'delivered' : 'failed',
        doneAt: isTime ? doneAt : null,
        code: status === '0' ? null : status,
      },
    ];
  });
  return { receipts, health: up };
}

const up: Health = { isUp: true, reason: null };

function unknown(reason: string): SmsSendResult {
  return { type: 'unknown', reason, providerIds: [] };
}

/** The platform tells which numbers it has taken, and of the others only how many there are. */
function taken(entries: readonly Entry[], message: OutgoingSms): SmsSendResult {
  const entry = entries.find(({ orderId, number }) =>
    orderId === null ? number === message.to : orderId === message.messageId,
  );
  if (entry?.msgId) return { type: 'accepted', providerIds: [entry.msgId] };
  return {
    type: 'refused',
    isFinal: true,
    code: null,
    reason: 'the platform did not take this number',
    retryAfterMs: null,
  };
}

/** An answer that is none of the dialect: from a proxy, or from somebody else. */
function unreadable<T>(
  { httpStatus }: Extract<Exchange, { type: 'answered' }>,
  all: (result: SmsSendResult, health: Health) => T,
): T {
  const reason = httpStatus === 200 ? 'the answer is not one of the dialect' : `HTTP ${httpStatus}`;
  // Only these say that whoever answered has not passed the request on. A redirect is not followed, so it is one of them.
  const isUnseen = (httpStatus >= 300 && httpStatus < 500 && httpStatus !== 408) || httpStatus === 503;
  return all(isUnseen ? refusedForNow(reason) : unknown(reason), { isUp: false, reason });
}

type Entry = {
  readonly msgId: string | null;
  readonly number: string | null;
  readonly orderId: string | null;
  readonly status: string | null;
  readonly receiveTime: string | null;
};

type Answer = { readonly code: string; readonly reason: string; readonly entries: readonly Entry[] };

/** null: it is no answer of the dialect. */
function parse({ httpStatus, text }: Extract<Exchange, { type: 'answered' }>): Answer | null {
  if (httpStatus !== 200) return null;
  const value = jsonOf(text);
  const code = textOf(value, 'status') ?? textOf(value, 'code');
  if (code === null || !/^-?\d{1,6}$/.test(code)) return null;
  const reason = textOf(value, 'reason') ?? textOf(value, 'msg') ?? '';
  const array = propertyOf(value, 'array');
  const entries = Array.isArray(array) ? array.map(entryOf) : [];
  return { code, reason: reason.slice(0, 300), entries };
}

function entryOf(value: unknown): Entry {
  const at = (name: string): string | null => textOf(value, name);
  const orderId = at('orderId') ?? at('orderid');
  return {
    msgId: at('msgId'),
    number: at('number'),
    orderId: orderId === '' ? null : orderId,
    status: at('status'),
    receiveTime: at('receiveTime'),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is not an answer, and that is what the caller asks.
    return null;
  }
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

/** A number counts as its text, as clients of the dialect take it. */
function textOf(value: unknown, name: string): string | null {
  const property = propertyOf(value, name);
  if (typeof property === 'number') return String(property);
  return typeof property === 'string' ? property : null;
}
