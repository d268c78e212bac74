import type { FastifyError } from 'fastify';
import { errors } from '../../domain/error/registry.ts';
import { type Locale, type LocalText, RequestError } from '../../domain/error/request-error.ts';
import { type Envelope, failed, type Literals } from './envelope.ts';
import { text } from './rule.ts';

/** Why a request failed, as the client is told. `isFault`: it is ours, and belongs in the log. */
export type FailedAnswer = { readonly envelope: Envelope; readonly isFault: boolean };

/**
 * Composes the answer to whatever a request failed with. What the client sent wrong at the level of HTTP is -22 (contract 15.2); what went wrong in here
 * is -18 and says nothing but the reference that it is logged under.
 */
export function failedAnswer(
  error: unknown,
  { literals, locale, reference }: { literals: Literals; locale: Locale; reference: string },
): FailedAnswer {
  const known = error instanceof RequestError ? error : bodyError(error);
  const answer = known ?? errors.internal(reference);
  return { envelope: failed(literals, answer.dialectCode, answer.messageIn(locale)), isFault: known === null };
}

/** null: not the client's fault. */
function bodyError(error: unknown): RequestError | null {
  if (!isFastifyError(error)) return null;
  if (error.statusCode === undefined || error.statusCode < 400 || error.statusCode >= 500) return null;
  return errors.badBody(problemOf(error));
}

function problemOf(error: FastifyError): string | LocalText {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return text('it is larger than this endpoint allows', '超过该接口允许的大小');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return text('Content-Type must be application/json', 'Content-Type 必须为 application/json');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return text('it is not valid JSON', '不是有效的 JSON');
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return text('it is empty', '内容为空');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return text('it has another length than Content-Length says', '长度与 Content-Length 不符');
    default:
      return text(error.message, error.message);
  }
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
}
