import type { Json } from '../../support/json.ts';
import { accepted, type Case, refused } from './field-case.ts';
import { type Fields, withField } from './json-path.ts';
import {
  flagField,
  integerField,
  keyField,
  knownField,
  optional,
  required,
  sample,
  textField,
} from './request-field.ts';
import type { FieldTable } from './task-table.ts';

/** A hang-up SMS that is complete whichever of the triggers are set: two are, so that each can be taken back. */
export function smsRequest(smsAppId: string | null): Fields {
  return {
    hangUpSms: 1,
    ...(smsAppId !== null && { smsAppId }),
    smsContent: 'you missed our call',
    feedbackPush: 0,
    feedbackValue: '1',
    successPush: 0,
    failedPush: 1,
    ringPush: 1,
  };
}

/** The fields of a hang-up SMS on top of {@link smsRequest} (contract 4.1, 5.2). */
export const smsFields: FieldTable = {
  hangUpSms: optional(
    { good: [sample(1, '1'), { ...sample('1', '"1"'), shows: 1 }], bad: flagField().bad },
    { byDefault: 0, shownAs: 'hangUpSms' },
  ),
  smsContent: required(textField({ min: 1, max: 1000 }), { shownAs: 'smsContent' }),
  senderId: optional(textField({ min: 0, max: 32 }), { byDefault: null, shownAs: 'senderId' }),
  feedbackPush: optional(flagField(), { shownAs: 'feedbackPush' }),
  feedbackValue: optional(keyField(), { byDefault: null, shownAs: 'feedbackValue' }),
  successPush: optional(flagField(), { shownAs: 'successPush' }),
  failedPush: optional(flagField(), { shownAs: 'failedPush' }),
  ringPush: optional(flagField(), { shownAs: 'ringPush' }),
};

/** A task names its SMS application; a recall node has none of its own (contract 5.2). */
export function smsAppField(smsAppId: () => string): FieldTable {
  return { smsAppId: required(knownField(smsAppId), { shownAs: 'smsAppId' }) };
}

/** With `successPush`: how long after the answer (contract 4.1, 4.4, 4.5); 10 s unless given. */
export const successPushFields: FieldTable = {
  successPushTime: optional(integerField({ min: 0, max: 9999 }), { byDefault: 10, shownAs: 'successPushTime' }),
};

/** The same of a recall node, whose page begins at 1 (contract 5.2, 14.8): 0 is left open. */
export const nodeSuccessPushFields: FieldTable = {
  successPushTime: optional(
    {
      good: integerField({ min: 1, max: 9999 }).good,
      bad: [sample(-1, '-1'), ...integerField({ min: 0, max: 9999 }).bad],
    },
    { byDefault: 10, shownAs: 'successPushTime' },
  ),
};

/** With `feedbackPush`: which key. */
export const feedbackPushFields: FieldTable = { feedbackValue: required(keyField(), { shownAs: 'feedbackValue' }) };

/** What the fields of an SMS do not say one by one (contract 4.1, 15.5). `at` is '' at the top. */
export function smsCases(smsAppId: string | null, at = ''): Case[] {
  const path = (name: string): string => (at === '' ? name : `${at}.${name}`);
  const texting =
    (fields: Fields) =>
    (valid: Json): Json =>
      Object.entries({ ...smsRequest(at === '' ? smsAppId : null), ...fields }).reduce(
        (body, [name, value]) => withField(body, path(name), value),
        valid,
      );
  const none: Fields = { feedbackPush: 0, successPush: 0, failedPush: 0, ringPush: 0 };
  const triggers = ['feedbackPush', 'successPush', 'failedPush', 'ringPush'];
  return [
    {
      title: `${at} an SMS without a trigger`,
      change: texting(none),
      expects: refused(-22, /feedbackPush.*successPush.*failedPush.*ringPush/),
    },
    {
      title: `${at} an SMS whose triggers are null`,
      change: texting({ feedbackPush: null, successPush: null, failedPush: null, ringPush: null }),
      expects: refused(-22, /Push/),
    },
    ...triggers.map((name) => ({
      title: `${at} an SMS with ${name} alone`,
      change: texting({ ...none, [name]: 1 }),
      expects: accepted(),
    })),
    {
      title: `${at} what belongs to an SMS, without one`,
      change: texting({ hangUpSms: 0, smsContent: null, ...none }),
      expects: accepted(),
    },
    {
      title: `${at} an SMS with a variable that the callee lacks`,
      change: texting({ smsContent: 'hello ${text9}' }),
      expects: refused(-21, 'text9'),
    },
  ];
}
