import { errors } from '../../domain/error/registry.ts';
import type { CallSettings, Content, HangUpSms, Transfer } from '../../domain/task/settings.ts';
import { variablesIn } from '../../domain/task/settings.ts';
import { choice, decimal, digits, id, integer, key, optional, readFields, text, withDefault } from './field.ts';
import { rules, text as words } from './rule.ts';
import { finishFields, finishOf, readBase64, type UploadedFile, uploadName } from './upload-fields.ts';
import type { VoiceCheck } from './voice-check.ts';

/** Content, SMS and transfer of a task or a recall node as sent; a file that came with it is not stored yet. */
export type SentSettings = {
  readonly settings: CallSettings;
  /** source 2; the settings' `voiceFileId` is null until it is stored. */
  readonly upload: UploadedFile | null;
};

/** The template variables (1..10) that callees must bring for these settings. */
export function neededVariables(sent: readonly SentSettings[]): number[] {
  const templates = sent.map(({ settings }) => {
    const sms = settings.hangUpSms.hangUpSms === 1 ? settings.hangUpSms.smsContent : null;
    return `${settings.content.text ?? ''}${sms ?? ''}`;
  });
  return variablesIn(templates.join(''));
}

/**
 * Reads the fields that a task and a recall node have in common (contract 4.1, 5.2).
 *
 * @param path the object's name in the request, '' at the top
 */
export function readSettings(source: unknown, path: string, voices: VoiceCheck): SentSettings {
  const { content, upload } = readContent(source, path, voices);
  const hangUpSms = readHangUpSms(source, path);
  const transfer = readTransfer(source, path);
  refuseNotServed(transfer, path);
  return { settings: { content, hangUpSms, transfer }, upload };
}

function readContent(
  source: unknown,
  path: string,
  voices: VoiceCheck,
): { content: Content; upload: UploadedFile | null } {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const { source: kind } = readFields({ source: choice(1, 2, 3) }, source, path);
  const nothing = {
    voiceFileId: null,
    uploadName: null,
    text: null,
    lan: null,
    speakingRate: null,
    ssmlGender: null,
    accent: null,
  };
  switch (kind) {
    case 1: {
      const { voiceFileId } = readFields({ voiceFileId: text({ min: 1, max: 200 }) }, source, path);
      return { content: { ...nothing, source: kind, voiceFileId }, upload: null };
    }
    case 2: {
      const sent = readFields({ uploadName: uploadName(), baseFile: readBase64(), ...finishFields }, source, path);
      const upload = {
        fileName: sent.uploadName,
        bytes: sent.baseFile,
        finish: finishOf(sent),
        nameField: at('uploadName'),
        field: at('baseFile'),
      };
      return { content: { ...nothing, source: kind, uploadName: sent.uploadName }, upload };
    }
    case 3: {
      const speech = readFields(speechFields, source, path);
      voices.check(speech, at);
      return { content: { ...nothing, source: kind, ...speech, lan: speech.lan.toUpperCase() }, upload: null };
    }
  }
}

const speechFields = {
  text: text({ min: 1, max: 2048 }),
  lan: text({ min: 1, max: 10 }),
  speakingRate: optional(decimal({ min: 0.25, max: 4 })),
  ssmlGender: optional(choice(1, 2)),
  accent: optional(digits({ min: 1, max: 4 })),
};

const flag = choice(0, 1);

/** What holds of the SMS fields whether they are used or not; which of them must be there depends on `hangUpSms`. */
const smsFields = {
  hangUpSms: withDefault(flag, 0),
  smsAppId: optional(text({ max: 64 })),
  smsContent: optional(text({ max: 1000 })),
  senderId: optional(text({ max: 32 })),
  feedbackPush: optional(flag),
  feedbackValue: optional(key()),
  successPush: optional(flag),
  successPushTime: optional(integer({ min: 0, max: 9999 })),
  failedPush: optional(flag),
  ringPush: optional(flag),
};

function readHangUpSms(source: unknown, path: string): HangUpSms {
  const sms = readFields(smsFields, source, path);
  if (sms.hangUpSms === 0) return sms;
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  // A recall node has no smsAppId of its own (contract 5.2): the parent's is meant.
  if (path === '' && sms.smsAppId === null) throw errors.badParameter(at('smsAppId'), rules.required);
  if (sms.smsContent === null) throw errors.badParameter(at('smsContent'), rules.required);
  const triggers = [sms.feedbackPush, sms.successPush, sms.failedPush, sms.ringPush];
  if (!triggers.includes(1)) throw errors.badParameter(at('hangUpSms'), rules.trigger);
  if (sms.feedbackPush === 1 && sms.feedbackValue === null)
    throw errors.badParameter(at('feedbackValue'), rules.required);
  return sms.successPush === 1 && sms.successPushTime === null ? { ...sms, successPushTime: 10 } : sms;
}

const transferFields = {
  toSeat: withDefault(flag, 0),
  sipGroupId: optional(id()),
  outboundControl: optional(choice(1)),
  calloutRate: optional(integer({ min: 1, max: 100 })),
  toSeatType: optional(choice(1, 2)),
  toSeatKey: optional(key()),
  delayTransfer: optional(integer({ min: 0, max: 999 })),
};

function readTransfer(source: unknown, path: string): Transfer {
  const transfer = readFields(transferFields, source, path);
  if (transfer.toSeat === 0) return transfer;
  const needed: (keyof Transfer)[] = ['sipGroupId', 'outboundControl', 'calloutRate', 'toSeatType'];
  if (transfer.toSeatType === 2) needed.push('toSeatKey');
  for (const name of needed) {
    if (transfer[name] === null) throw errors.badParameter(path === '' ? name : `${path}.${name}`, rules.required);
  }
  return transfer;
}

/** Fields that would do nothing are refused rather than taken. */
function refuseNotServed(transfer: Transfer, path: string): void {
  const prefix = path === '' ? '' : `${path}.`;
  if (transfer.toSeat === 1) {
    throw errors.notOffered(
      words(`${prefix}toSeat 1 (transfer to an agent)`, `${prefix}toSeat 1（转坐席）`),
      words('this server does not transfer calls yet; send toSeat 0', '本服务器暂不支持转坐席，请传 toSeat 0'),
    );
  }
}
