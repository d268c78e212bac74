import { errors } from '../../domain/error/registry.ts';
import type { Finish } from '../../telephony/audio/finish-audio.ts';
import { choice, type Read, type Reader, text, withDefault } from './field.ts';
import { rules } from './rule.ts';

/** A file that came inside a request. */
export type UploadedFile = {
  readonly fileName: string;
  readonly bytes: Buffer;
  /** What is to be done to its sound. */
  readonly finish: Finish;
  /** The request fields that they came in, for messages. */
  readonly nameField: string;
  readonly field: string;
};

const maxBytes = 20 * 1024 * 1024;

/** A file name of 5 to 32 characters that ends in an extension that can be decoded. */
export function fileName(): Reader<string> {
  const length = text({ min: 5, max: 32 });
  return (value, field) => {
    const name = length(value, field);
    if (!/.\.(wav|mp3|m4a|mp4|aac|ogg|oga|opus|flac)$/i.test(name)) throw errors.badParameter(field, rules.extension);
    return name;
  };
}

/** The name of a file inside a request for a task: 5 to 32 characters (contract 4.1), an extension or not; the content says what it is. */
export function uploadName(): Reader<string> {
  return text({ min: 5, max: 32 });
}

/** Ours: whether the sound is brought to the usual loudness, and silence cut off at its ends; both unless 0. */
export const finishFields = {
  normalizeLoudness: withDefault(choice(0, 1), 1),
  trimSilence: withDefault(choice(0, 1), 1),
};

export function finishOf(sent: Read<typeof finishFields>): Finish {
  return { normalizeLoudness: sent.normalizeLoudness === 1, trimSilence: sent.trimSilence === 1 };
}

/** The bytes of a Base64 field; at most 20 MB of them, and not none. */
export function readBase64(): Reader<Buffer> {
  return (value, field) => {
    if (value === undefined) throw errors.badParameter(field, rules.required);
    if (typeof value !== 'string') throw errors.badParameter(field, rules.base64);
    // Some encoders break lines; nothing else is skipped.
    const plain = /[\r\n]/.test(value) ? value.replace(/[\r\n]+/g, '') : value;
    if (plain.length === 0) throw errors.badAudio(field, rules.fileEmpty);
    if (!isBase64(plain)) throw errors.badParameter(field, rules.base64);
    const bytes = Buffer.from(plain, 'base64');
    if (bytes.length > maxBytes) throw errors.badAudio(field, rules.fileTooLarge);
    return bytes;
  };
}

/** Buffer.from skips what is not Base64, so it is looked for first. The padding may be left out. */
function isBase64(value: string): boolean {
  if (/[^A-Za-z0-9+/=]/.test(value)) return false;
  const padding = value.indexOf('=');
  const digits = padding === -1 ? value.length : padding;
  return (
    value.length - digits <= 2 &&
    digits % 4 !== 1 &&
    (padding === -1 || value.length % 4 === 0) &&
    !/=[^=]/.test(value.slice(digits))
  );
}
