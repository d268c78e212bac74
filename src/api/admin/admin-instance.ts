import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Db } from '../../db/tables.ts';
import type { Scheduling } from '../../domain/job/scheduling.ts';
import type { Clock } from '../../lib/clock.ts';
import type { AddressRule } from '../../webhook/address-rule.ts';
import type { RecordingLinks } from '../recording-links.ts';
import type { Voices } from '../v3/voice-check.ts';

/** A fastify instance whose routes are typed by their TypeBox schemas. */
export type AdminInstance = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export type AdminDeps = {
  readonly db: Db;
  readonly clock: Clock;
  readonly scheduling: Scheduling;
  /** What the speech providers speak; null: not set up. */
  readonly voices: Voices;
  /** What operators send as `Authorization: Bearer <token>`. */
  readonly token: string;
  readonly links: RecordingLinks;
  /** Where reports may be sent to. */
  readonly reportAddresses: AddressRule;
};
