import { Type } from 'typebox';
import { closed, name, orNull, pageQuerySchema, rowId, timestamp } from './schema.ts';

const seconds = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description });

const templateSettings = {
  name,
  text: Type.String({
    minLength: 1,
    maxLength: 2048,
    description:
      'what is spoken, plain or SSML; {Text1} to {Text10}, or ${text1} to ${text10}, in any case, stand for the text1 to text10 of a call',
  }),
  lan: Type.String({ minLength: 1, maxLength: 10, description: 'language code, e.g. EN' }),
  speakingRate: orNull(Type.Number({ minimum: 0.25, maximum: 4, description: 'null: 1' })),
  ssmlGender: orNull(
    Type.Unsafe<1 | 2>(
      Type.Integer({ minimum: 1, maximum: 2, description: '1 male, 2 female; null: female where there is a choice' }),
    ),
  ),
  accent: orNull(
    Type.String({ pattern: '^[0-9]{1,4}$', description: "country calling code; null: the language's usual voice" }),
  ),
  displayNum: orNull(Type.String({ pattern: '^[0-9]{1,20}$', description: "the caller id; null: the trunk's" })),
  delayPlayS: seconds(0, 999, 'from the answer to the text, 0 unless given'),
  delayHangupS: seconds(0, 999, 'from the text to the hang-up, 0 unless given'),
  maxRingingS: seconds(20, 120, '60 unless given'),
  loopCount: Type.Integer({ minimum: 1, maximum: 9, description: 'how often it is spoken, once unless given' }),
  maxCallS: seconds(1, 999, 'the longest call, from the answer; 120 unless given'),
};

export const templateSchema = Type.Object(
  {
    templateId: rowId,
    accountId: rowId,
    ...templateSettings,
    createdAt: timestamp,
    updatedAt: timestamp,
  },
  { description: 'a text that calls of sendIvr name as dimensionId' },
);

const required = { name: templateSettings.name, text: templateSettings.text, lan: templateSettings.lan };
export const newTemplateSchema = Type.Object(
  { ...Type.Partial(Type.Object(templateSettings)).properties, ...required, accountId: rowId },
  closed,
);

export const templateChangeSchema = Type.Partial(Type.Object(templateSettings), {
  ...closed,
  description: 'calls under way keep what they were sent with',
});

export const templateQuerySchema = Type.Object({ ...pageQuerySchema.properties, accountId: Type.Optional(rowId) });
