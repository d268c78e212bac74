import { errors } from '../../domain/error/registry.ts';
import type { Content } from '../../domain/task/settings.ts';
import type { CallPlan } from '../../domain/task/submission.ts';
import { type DirectNumbers, sortOutNumbers } from './direct-numbers.ts';
import {
  choice,
  decimal,
  digits,
  id,
  integer,
  isBlank,
  list,
  object,
  optional,
  type Reader,
  readFields,
  text,
  withDefault,
} from './field.ts';
import { rules } from './rule.ts';
import type { VoiceCheck } from './voice-check.ts';

/** Most numbers that one request may name (contract 6.1; of sendIvr it is not known, and the same here). */
export const mostDirectCallees = 1000;
const numberLength = { min: 7, max: 15 };

const delay = withDefault(integer({ min: 0, max: 999 }), 0);

/** What sendGroup and sendCode have in common (contract 6.1, 6.2). */
const callFields = {
  appId: text({ min: 1, max: 64 }),
  displayNum: optional(digits(numberLength)),
  loopCount: withDefault(integer({ min: 1, max: 9 }), 1),
  maxDuration: withDefault(integer({ min: 1, max: 120 }), 120),
  maxRingingTime: withDefault(integer({ min: 20, max: 120 }), 60),
  calledInfo: optional(text({ max: 1000 })),
};

/** A checked request of sendGroup. */
export type SentGroup = {
  readonly appId: string;
  readonly fileId: string;
  readonly displayNum: string | null;
  readonly calledInfo: string | null;
  readonly plan: CallPlan;
  readonly numbers: DirectNumbers;
};

/** Reads a request of sendGroup. Numbers that cannot be called are no error of the request. */
export function readSendGroup(body: unknown): SentGroup {
  const fields = readFields({ callee: numbers, ...callFields, fileId: text({ min: 1, max: 200 }) }, body);
  return {
    appId: fields.appId,
    fileId: fields.fileId,
    displayNum: fields.displayNum,
    calledInfo: fields.calledInfo,
    plan: planOf({ ...fields, delayPlay: 0, delayHangup: 0 }),
    numbers: sortOutNumbers(fields.callee, numberLength),
  };
}

/** Numbers between commas; nothing between two of them is no number. */
const numbers: Reader<readonly string[]> = (value, field) => {
  const given = text({ min: 1, max: 50_000 })(value, field);
  const parts = given.split(',').filter((part) => !isBlank(part));
  return list(text({ max: 50_000 }), { min: 1, max: mostDirectCallees })(
    parts.map((part) => part.trim()),
    field,
  );
};

/** A checked request of sendCode. */
export type SentCode = {
  readonly appId: string;
  readonly callee: string;
  readonly displayNum: string | null;
  readonly calledInfo: string | null;
  readonly plan: CallPlan;
  readonly content: Content;
  /** null: it is called once. */
  readonly recall: { readonly count: number; readonly intervalMin: number } | null;
};

const codeFields = {
  callee: digits(numberLength),
  ...callFields,
  language: text({ min: 1, max: 10 }),
  text: text({ min: 1, max: 800 }),
  speakingRate: optional(decimal({ min: 0.25, max: 4 })),
  ssmlGender: optional(choice(1, 2)),
  accent: optional(digits({ min: 1, max: 4 })),
  delayPlay: delay,
  delayHangup: delay,
  recallCount: withDefault(integer({ min: 0, max: 10 }), 0),
  recallInterval: withDefault(integer({ min: 0, max: 999 }), 5),
};

/** Languages whose texts may have 299 characters instead of 800 (contract 6.2). */
const shortLanguages = ['IDN', 'VN', 'TH'];
const shortText = text({ min: 1, max: 299 });

/** Reads a request of sendCode. */
export function readSendCode(body: unknown, voices: VoiceCheck): SentCode {
  const fields = readFields(codeFields, body);
  const { recallCount, recallInterval, speakingRate, ssmlGender, accent } = fields;
  // The sample sends an interval of 0 without a recall.
  if (recallCount > 0 && recallInterval < 1) throw errors.badParameter('recallInterval', rules.integer(1, 999));
  const lan = fields.language.toUpperCase();
  if (shortLanguages.includes(lan)) shortText(fields.text, 'text');
  voices.check({ lan, text: fields.text }, (name) => (name === 'lan' ? 'language' : name));
  const speech = { text: fields.text, lan, speakingRate, ssmlGender, accent };
  return {
    appId: fields.appId,
    callee: fields.callee,
    displayNum: fields.displayNum,
    calledInfo: fields.calledInfo,
    plan: planOf(fields),
    content: { source: 3, voiceFileId: null, uploadName: null, ...speech },
    recall: recallCount === 0 ? null : { count: recallCount, intervalMin: recallInterval },
  };
}

type PlanFields = {
  readonly delayPlay: number;
  readonly delayHangup: number;
  readonly maxRingingTime: number;
  readonly loopCount: number;
  readonly maxDuration: number;
};

function planOf(fields: PlanFields): CallPlan {
  return {
    delayPlayS: fields.delayPlay,
    delayHangupS: fields.delayHangup,
    maxRingingS: fields.maxRingingTime,
    loopCount: fields.loopCount,
    maxCallS: fields.maxDuration,
    isRecorded: false,
    detectsMachine: false,
    machineAction: 1,
  };
}

/** One row of sendIvr. Whether it can be called depends on its template. */
export type IvrRow = {
  readonly callee: string;
  readonly templateId: number;
  /** text1..text10 by index 0..9. */
  readonly variables: readonly (string | null)[];
};

export type SentIvr = { readonly appId: string; readonly rows: readonly IvrRow[] };

const variable = optional(text({ max: 10_000 }));
const variableFields = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`text${index + 1}`, variable]));

const ivrRow: Reader<IvrRow> = (value, field) => {
  const { callee, dimensionId, ...texts } = object({
    callee: text({ max: 10_000 }),
    dimensionId: id(),
    ...variableFields,
  })(value, field);
  return { callee: callee.trim(), templateId: dimensionId, variables: Object.values(texts) };
};

/** Reads a request of sendIvr. Rows that cannot be called are no error of the request. */
export function readSendIvr(body: unknown): SentIvr {
  const fields = { appId: text({ min: 1, max: 64 }), numberList: list(ivrRow, { min: 1, max: mostDirectCallees }) };
  const { appId, numberList } = readFields(fields, body);
  return { appId, rows: numberList };
}
