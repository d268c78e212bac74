import type { Json } from '../../support/json.ts';
import type { Variant } from './endpoint.ts';
import { type Case, refused } from './field-case.ts';
import { type Fields, isFields, withField } from './json-path.ts';
import {
  choiceField,
  clockField,
  decimalField,
  digitsField,
  type Field,
  flagField,
  integerField,
  type Kind,
  keyField,
  knownField,
  listField,
  localTimeField,
  optional,
  required,
  sample,
  textField,
  wordField,
} from './request-field.ts';
import { toneFile, uniqueText } from './server-under-test.ts';

export type FieldTable = Readonly<Record<string, Field>>;

/** Names and times of a task: what send, update and resend have in common (contract 4.1, 4.4, 4.5). */
export const namedTaskFields: FieldTable = {
  taskName: required(textField({ min: 2, max: 64, make: uniqueText }), { shownAs: 'taskName' }),
  displayNum: optional(digitsField({ min: 0, max: 20 }), { shownAs: 'displayNum' }),
  allowSendTime: optional(
    listField((count) => Array<Json>(count).fill({ strTime: '09:00', endTime: '18:30' }), { min: 0, max: 3 }),
    { shownAs: 'allowSendTime' },
  ),
};

/** With one window in the request: what a window is. */
export const windowFields: FieldTable = {
  'allowSendTime.0.strTime': required(clockField()),
  'allowSendTime.0.endTime': required(clockField()),
};

/** A send time; leaving it out means at once, which is for tests that let a task run. */
export const sendTimeField: Kind = localTimeField();

/** How a call goes (contract 4.1). */
export const planFields: FieldTable = {
  delayPlay: optional(integerField({ min: 0, max: 999 }), { byDefault: 0, shownAs: 'delayPlay' }),
  delayHangup: optional(integerField({ min: 0, max: 999 }), { byDefault: 0, shownAs: 'delayHangup' }),
  maxRingingTime: optional(integerField({ min: 20, max: 120 }), { byDefault: 60, shownAs: 'maxRingingTime' }),
  loopCount: optional(integerField({ min: 1, max: 9 }), { byDefault: 1, shownAs: 'loopCount' }),
};

export const maxCallsField: Kind = integerField({ min: 1, max: 999 });

/** What is played: the three sources, each with the fields that it needs (contract 4.1, 5.2). `voiceFileId` is known once the suite runs. */
export function contentVariants(voiceFileId: () => string): readonly ContentVariant[] {
  const source = (value: number): Field =>
    required(
      {
        good: [sample(value, String(value)), { ...sample(String(value), `"${value}"`), shows: value }],
        bad: choiceField(1, 2, 3).bad,
      },
      { shownAs: 'source' },
    );
  return [
    {
      title: 'an uploaded file',
      content: () => ({ source: 1, voiceFileId: voiceFileId() }),
      fields: { source: source(1), voiceFileId: required(knownField(voiceFileId), { shownAs: 'voiceFileId' }) },
    },
    {
      title: 'a file that comes along',
      content: () => ({ source: 2, uploadName: `${uniqueText(8)}.wav`, baseFile: toneFile() }),
      fields: {
        source: source(2),
        uploadName: required(textField({ min: 5, max: 32, make: uniqueText }), { shownAs: 'uploadName' }),
        baseFile: required(wordField([], ['data:audio/wav;base64,UklGRg==', 'not Base64 at all'])),
      },
    },
    {
      title: 'a text to be spoken',
      content: () => ({ source: 3, text: 'hello', lan: 'EN' }),
      fields: {
        source: source(3),
        text: required(
          textField({ min: 1, max: 2048, make: (length) => 'la '.repeat(683).slice(0, length).padEnd(length, 'a') }),
          {
            shownAs: 'text',
          },
        ),
        lan: required(wordField(['EN', 'VN', 'CN'], ['XX', 'ENGLISH'])),
        speakingRate: optional(decimalField({ min: 0.25, max: 4, step: 0.01 }), { shownAs: 'speakingRate' }),
        ssmlGender: optional(choiceField(1, 2), { shownAs: 'ssmlGender' }),
        accent: optional(accentField),
      },
    },
  ];
}

export type ContentVariant = { readonly title: string; readonly content: () => Fields; readonly fields: FieldTable };

/** Country calling codes, as text or number (contract 13.4, 15.4, 15.13); one that the synthesizer lacks falls back. */
const accentField: Kind = {
  good: [sample('91', '"91"'), sample(91, '91'), sample('44', '"44"'), sample('999', 'one that no voice has')],
  bad: [sample('british', 'letters'), sample(true, 'a boolean'), sample({}, 'an object')],
};

/** A request without SMS and transfer; both may be said outright. */
export const nothingAfterFields: FieldTable = {
  hangUpSms: optional(zeroOf(flagField()), { byDefault: 0, shownAs: 'hangUpSms' }),
  toSeat: optional(zeroOf(flagField()), { byDefault: 0, shownAs: 'toSeat' }),
};

/** Only the 0 of a flag is taken without the fields that belong to its 1. */
function zeroOf(flag: Kind): Kind {
  return { good: [sample(0, '0'), { ...sample('0', '"0"'), shows: 0 }], bad: flag.bad };
}

/** The recall plan of a task (contract 5.1, 15.5), below `recallFlow` or at the top of recallFlow/update. */
export const recallPlanFields: FieldTable = {
  recallType: required(choiceField(0, 1), { shownAs: 'recallType' }),
  recallInterval: required(integerField({ min: 1, max: 1440 }), { shownAs: 'recallInterval' }),
  recallNum: required(integerField({ min: 1, max: 10 }), { shownAs: 'recallNum' }),
};

/** The same table for an object further down; what is shown is shown under the same prefix. */
export function below(prefix: string, table: FieldTable, shownBelow = prefix): FieldTable {
  const moved = Object.entries(table).map(([name, field]): [string, Field] => [
    `${prefix}.${name}`,
    { ...field, shownAs: field.shownAs === null ? null : `${shownBelow}.${field.shownAs}` },
  ]);
  return Object.fromEntries(moved);
}

/** The fields of a record or node under names with a prefix, for what {@link below} has moved. */
export function shownBelow(prefix: string, value: Json | undefined): Fields {
  if (!isFields(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [`${prefix}.${name}`, inner]));
}

/** A variant for each way to say what is played, on top of a valid request. */
export function variantsWithContent(
  variants: readonly ContentVariant[],
  valid: (content: Fields) => Json | Promise<Json>,
  firstFields: FieldTable,
): [Variant, ...Variant[]] {
  const made = variants.map(({ title, content, fields }, index) => ({
    title,
    valid: () => valid(content()),
    fields: index === 0 ? { ...firstFields, ...fields } : fields,
  }));
  const [first, ...rest] = made;
  if (first === undefined) throw new Error('there is no content');
  return [first, ...rest];
}

/** Transfer to agents (contract 4.1, 15.5): what is wrong is refused whether agents are served or not. `at` is '' at the top. */
export function transferCases(at = ''): Case[] {
  const path = (name: string): string => (at === '' ? name : `${at}.${name}`);
  const good: Fields = {
    toSeat: 1,
    sipGroupId: 1,
    outboundControl: 1,
    calloutRate: 1,
    toSeatType: 2,
    toSeatKey: '0',
    delayTransfer: 0,
  };
  const kinds: readonly (readonly [name: string, kind: Kind, isNeeded: boolean])[] = [
    ['sipGroupId', integerField({ min: 1 }), true],
    ['outboundControl', choiceField(1), true],
    ['calloutRate', integerField({ min: 1, max: 100 }), true],
    ['toSeatType', choiceField(1, 2), true],
    ['toSeatKey', keyField(), true],
    ['delayTransfer', integerField({ min: 0, max: 999 }), false],
  ];
  const transferring = (valid: Json): Json =>
    Object.entries(good).reduce((body, [name, value]) => withField(body, path(name), value), valid);
  return kinds.flatMap(([name, kind, isNeeded]) => {
    const row = (title: string, value: Json | undefined): Case => ({
      title: `transfer, ${path(name)}: ${title}`,
      change: (valid) => withField(transferring(valid), path(name), value),
      expects: refused(-22, name),
    });
    const missing = isNeeded ? [row('left out', undefined), row('null', null)] : [];
    return [...missing, ...kind.bad.map(({ title, make }) => row(title, make()))];
  });
}
