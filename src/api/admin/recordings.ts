import { Type } from 'typebox';
import type { Db } from '../../db/tables.ts';
import { recordingFileId } from '../../domain/recording/recording-name.ts';
import { getStoredRecording } from '../../domain/recording/recording-store.ts';
import type { RecordingLinks } from '../recording-links.ts';
import type { AdminInstance } from './admin-instance.ts';
import { getCall } from './call-query.ts';
import { callParamsSchema } from './call-schema.ts';
import { timestamp } from './schema.ts';

const linkSchema = Type.Object({
  url: Type.String({ description: 'where the recording is fetched without further authentication' }),
  expiresAt: timestamp,
});

/** /tasks/{id}/calls/{seq}/recording: a link to what was said, as the account gets it from getRecordingFileUrl. */
export function mountRecordings(instance: AdminInstance, { db, links }: { db: Db; links: RecordingLinks }): void {
  instance.get(
    '/tasks/:id/calls/:seq/recording',
    { schema: { tags: ['calls'], params: callParamsSchema, response: { 200: linkSchema } } },
    async (request, reply) => {
      const { id, seq } = request.params;
      const { createdDay } = await getCall(db, id, seq);
      const { fileId } = await getStoredRecording(db, null, recordingFileId({ createdDay, taskId: id, seq }));
      const { url, expiresAt } = await links.make(fileId, `${request.protocol}://${request.host}`);
      reply.header('cache-control', 'no-store');
      return { url, expiresAt: new Date(expiresAt).toISOString() };
    },
  );
}
