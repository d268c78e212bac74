import type { Json } from '../../support/json.ts';
import { isFields, shown } from './json-path.ts';

/** An HTTP answer, as it came. */
export type Answer = {
  readonly httpStatus: number;
  readonly contentType: string;
  readonly body: string;
  /** The parsed body; undefined where it is not JSON. */
  readonly json: Json | undefined;
  /** The result code, whatever its type; NaN where there is none. */
  readonly code: number;
  readonly message: string;
  readonly data: Json | undefined;
};

/** How an endpoint writes its two result numbers (contract 15.2). */
export type Literals = { readonly code: 'number' | 'string'; readonly status: 'number' | 'string' };

/** What most endpoints write. */
export const usualLiterals: Literals = { code: 'number', status: 'string' };

/** Takes an answer apart. */
export function answerOf(response: { status: number; contentType: string; body: string }): Answer {
  const json = parsed(response.body);
  const fields = isFields(json) ? json : {};
  const code = fields.code ?? fields.status;
  return {
    httpStatus: response.status,
    contentType: response.contentType,
    body: response.body,
    json,
    code: code === undefined || code === null || code === '' ? Number.NaN : Number(code),
    message: String(fields.msg ?? fields.reason ?? ''),
    data: fields.data,
  };
}

function parsed(body: string): Json | undefined {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What is wrong with an answer's envelope (contract 1.3, 15.2): both pairs, of the endpoint's literal types, meaning the same, and `data` unless it is flat. */
export function envelopeProblems(
  answer: Answer,
  literals: Literals,
  { httpStatus = 200, isFlat = false } = {},
): string[] {
  const problems: string[] = [];
  if (answer.httpStatus !== httpStatus) problems.push(`HTTP status is ${answer.httpStatus}; it must be ${httpStatus}`);
  if (!/^application\/json\b/.test(answer.contentType)) problems.push(`Content-Type is ${answer.contentType}`);
  if (!isFields(answer.json))
    return [...problems, `the body is ${answer.body.slice(0, 300)}; it must be a JSON object`];
  const { code, msg, status, reason } = answer.json;
  if (typeof code !== literals.code) problems.push(`code is ${shown(code)}; it must be a ${literals.code}`);
  if (typeof status !== literals.status) problems.push(`status is ${shown(status)}; it must be a ${literals.status}`);
  if (String(code) !== String(status)) problems.push(`code ${shown(code)} and status ${shown(status)} differ`);
  if (!/^(0|-\d+)$/.test(String(code))) problems.push(`code is ${shown(code)}; it must be 0 or negative`);
  if (typeof msg !== 'string' || msg === '') problems.push(`msg is ${shown(msg)}; it must be a text`);
  if (msg !== reason) problems.push(`msg ${shown(msg)} and reason ${shown(reason)} differ`);
  if (!isFlat && !Object.hasOwn(answer.json, 'data')) problems.push('data is not there');
  if (answer.code === 0 && msg !== 'success') problems.push(`msg is ${shown(msg)}; on success it is "success"`);
  if (answer.code !== 0 && (answer.data ?? null) !== null)
    problems.push(`data is ${shown(answer.data)}; of a refusal it is null`);
  return problems;
}
