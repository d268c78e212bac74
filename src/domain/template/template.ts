import type { Content } from '../task/settings.ts';
import type { CallPlan } from '../task/submission.ts';

/** A text with placeholders, and how it is spoken; calls of sendIvr name it as `dimensionId` (contract 6.3). */
export type Template = {
  readonly templateId: number;
  readonly accountId: number;
  readonly name: string;
  /** 1 to 2,048 characters, plain or SSML, as the operator wrote it. */
  readonly text: string;
  /** Language code of contract 13.3. */
  readonly lan: string;
  /** 0.25 to 4; null: 1. */
  readonly speakingRate: number | null;
  /** 1 male, 2 female; null: female where there is a choice. */
  readonly ssmlGender: 1 | 2 | null;
  /** Country calling code; null: the language's default voice. */
  readonly accent: string | null;
  /** The caller id; null: the trunk's. */
  readonly displayNum: string | null;
  readonly delayPlayS: number;
  readonly delayHangupS: number;
  readonly maxRingingS: number;
  readonly loopCount: number;
  readonly maxCallS: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** A template's text with its placeholders, `{Text1}` or `${text1}` in any case (contract 6.3), written as tasks have them. */
export function templateText(text: string): string {
  return text.replace(/\$?\{text(10|[1-9])\}/gi, (_, index: string) => `\${text${index}}`);
}

/** What a call by the template plays. */
export function contentOf(template: Template): Content {
  const { lan, speakingRate, ssmlGender, accent } = template;
  const text = templateText(template.text);
  return { source: 3, voiceFileId: null, uploadName: null, text, lan, speakingRate, ssmlGender, accent };
}

/** How a call by the template is made. */
export function planOf(template: Template): CallPlan {
  const { delayPlayS, delayHangupS, maxRingingS, loopCount, maxCallS } = template;
  const unasked = { isRecorded: false, detectsMachine: false, machineAction: 1 } as const;
  return { delayPlayS, delayHangupS, maxRingingS, loopCount, maxCallS, ...unasked };
}
