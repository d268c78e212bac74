import { isUtf8 } from 'node:buffer';
import { errors } from '../../domain/error/registry.ts';
import { text } from './rule.ts';

/** Levels of lists and objects; the dialect's own bodies have four. */
export const maxDepth = 100;
/** Values in one body: a full list of callees with all their variables has 2.4 million. */
export const maxValues = 4_000_000;
/** Of the values, lists and objects: a full list of callees has 200,001. */
export const maxContainers = 1_000_000;
/** Fields of one object; the dialect's largest has about 40. */
export const maxFields = 1000;

/**
 * Parses a request's body. Whatever its Content-Type, it is JSON in UTF-8: clients send theirs as `text/plain`, as a form, or without one. What would take
 * long to parse or much memory to hold is refused before it is parsed: 128 MiB of empty lists would keep the process for a minute, and take
 * gigabytes. Throws `badBody`.
 *
 * @param encoding the `Content-Encoding`; some clients write a charset there, so it is looked at only when there is no JSON
 */
export function parseJsonBody(body: Buffer, encoding?: string): unknown {
  if (body.length === 0) throw errors.badBody(text('it is empty', '内容为空'));
  if (!isUtf8(body)) throw errors.badBody(notJson(encoding) ?? text('it is not UTF-8', '不是 UTF-8 编码'));
  checkSize(body);
  const start = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  try {
    return JSON.parse(body.toString('utf8', start));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw errors.badBody(notJson(encoding) ?? text('it is not valid JSON', '不是有效的 JSON'));
  }
}

function notJson(encoding: string | undefined) {
  return encoding === undefined || encoding === 'identity'
    ? null
    : text(
        `it is not valid JSON; Content-Encoding ${encoding.slice(0, 20)} is not served, send it plain`,
        `不是有效的 JSON；不支持 Content-Encoding ${encoding.slice(0, 20)}，请不要压缩`,
      );
}

/** Counts what opens or separates values, outside texts. What is not JSON is counted somehow: the parser refuses it. */
function checkSize(body: Buffer): void {
  let values = 0;
  let containers = 0;
  /** By level: how many values its list or object has had; negative for an object. */
  const counts: number[] = [];
  let isText = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    if (isText) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) isText = false;
    } else if (byte === 0x22) {
      isText = true;
    } else if (byte === 0x5b || byte === 0x7b) {
      if (counts.push(byte === 0x5b ? 1 : -1) > maxDepth) throw errors.badBody(tooMuch.depth);
      if (++containers > maxContainers || ++values > maxValues) throw errors.badBody(tooMuch.values);
    } else if (byte === 0x5d || byte === 0x7d) {
      counts.pop();
    } else if (byte === 0x2c) {
      if (++values > maxValues) throw errors.badBody(tooMuch.values);
      const level = counts.length - 1;
      const count = counts[level] ?? 0;
      if (count === -maxFields) throw errors.badBody(tooMuch.fields);
      counts[Math.max(level, 0)] = count < 0 ? count - 1 : count;
    }
  }
}

const tooMuch = {
  depth: text(`it is nested more than ${maxDepth} levels deep`, `嵌套超过 ${maxDepth} 层`),
  values: text(
    `it has more than ${maxValues} values, or ${maxContainers} lists and objects`,
    `元素超过 ${maxValues} 个，或数组和对象超过 ${maxContainers} 个`,
  ),
  fields: text(`it has an object of more than ${maxFields} fields`, `有对象的字段超过 ${maxFields} 个`),
} as const;
