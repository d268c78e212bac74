import { escapeForSsml, isSsml } from '../../speech/ssml/read-speech-text.ts';

/** What is said: exactly one of an uploaded file or a text to be synthesized (contract 4.1, `source`). */
export type Content = {
  /** 1 already uploaded, 2 uploaded with this request, 3 text to speech. */
  readonly source: 1 | 2 | 3;
  /** Set for source 1 and 2 (the upload of source 2 is stored as a voice file like any other). */
  readonly voiceFileId: string | null;
  /** The file's name, source 2 only. */
  readonly uploadName: string | null;
  /** At most 2,048 characters, plain or SSML, may hold `${text1}`..`${text10}`; source 3 only. */
  readonly text: string | null;
  /** Language code of contract 13.3; source 3 only. */
  readonly lan: string | null;
  /** 0.25 to 4; null: 1. */
  readonly speakingRate: number | null;
  /** 1 male, 2 female; null: female where there is a choice. */
  readonly ssmlGender: 1 | 2 | null;
  /** Country calling code; null: the language's default voice. */
  readonly accent: string | null;
};

/** Hang-up SMS fields (contract 4.1). Stored and shown as given; null where absent. */
export type HangUpSms = {
  readonly hangUpSms: 0 | 1;
  readonly smsAppId: string | null;
  readonly smsContent: string | null;
  readonly senderId: string | null;
  readonly feedbackPush: 0 | 1 | null;
  readonly feedbackValue: string | null;
  readonly successPush: 0 | 1 | null;
  /** Seconds after the answer. */
  readonly successPushTime: number | null;
  readonly failedPush: 0 | 1 | null;
  readonly ringPush: 0 | 1 | null;
};

/** Transfer to an agent (contract 4.1, `toSeat`). Stored and shown as given; null where absent. */
export type Transfer = {
  readonly toSeat: 0 | 1;
  readonly sipGroupId: number | null;
  readonly outboundControl: 1 | null;
  readonly calloutRate: number | null;
  readonly toSeatType: 1 | 2 | null;
  readonly toSeatKey: string | null;
  /** Seconds; null: 0. */
  readonly delayTransfer: number | null;
};

/** No SMS, as a request without one of its fields would be stored. */
export const noHangUpSms: HangUpSms = {
  hangUpSms: 0,
  smsAppId: null,
  smsContent: null,
  senderId: null,
  feedbackPush: null,
  feedbackValue: null,
  successPush: null,
  successPushTime: null,
  failedPush: null,
  ringPush: null,
};

/** No transfer, likewise. */
export const noTransfer: Transfer = {
  toSeat: 0,
  sipGroupId: null,
  outboundControl: null,
  calloutRate: null,
  toSeatType: null,
  toSeatKey: null,
  delayTransfer: null,
};

/** Everything that a task and a recall node may each have of their own; the JSON of `task.settings` and `recall_node.settings`. */
export type CallSettings = {
  readonly content: Content;
  readonly hangUpSms: HangUpSms;
  readonly transfer: Transfer;
};

/** Matches one variable in a text template; the capture is its number, 1 to 10. */
const variablePattern = /\$\{text(10|[1-9])\}/g;

/** The numbers (1..10) of the variables a template uses, ascending, each once. */
export function variablesIn(template: string): number[] {
  const found = new Set<number>();
  for (const match of template.matchAll(variablePattern)) found.add(Number(match[1]));
  return [...found].sort((a, b) => a - b);
}

/** Fills `${text1}`..`${text10}` of a text to be spoken; a variable without a value becomes the empty string. In SSML a value is words, never markup. */
export function fillSpeech(template: string, variables: readonly (string | null)[] | null): string {
  const wordsOf = isSsml(template) ? escapeForSsml : (value: string) => value;
  return fill(template, variables, wordsOf);
}

/** Fills them in a text to be read: an SMS. */
export function fillText(template: string, variables: readonly (string | null)[] | null): string {
  return fill(template, variables, (value) => value);
}

function fill(
  template: string,
  variables: readonly (string | null)[] | null,
  wordsOf: (value: string) => string,
): string {
  return template.replace(variablePattern, (_, index: string) => wordsOf(variables?.[Number(index) - 1] ?? ''));
}
