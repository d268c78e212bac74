import { Type } from 'typebox';
import type { Db } from '../../db/tables.ts';
import { getAccount } from '../../domain/account/account-store.ts';
import { getVoiceFileSound, type VoiceFileSound } from '../../domain/voice-file/voice-file-sound.ts';
import { listVoiceFiles, type VoiceFile } from '../../domain/voice-file/voice-file-store.ts';
import { drawWaveform } from '../../domain/voice-file/waveform-svg.ts';
import type { AdminInstance } from './admin-instance.ts';
import { idParamsSchema, orNull, pageQuerySchema, pageSchema, rowId, timestamp } from './schema.ts';

const tags = ['voice files'];
const params = Type.Object({
  fileId: Type.String({ minLength: 1, maxLength: 200, description: 'what fileUpload answered' }),
});

const fileSchema = Type.Object({
  fileId: Type.String(),
  accountId: rowId,
  fileName: Type.String(),
  sizeBytes: Type.Integer({ description: 'of the upload' }),
  durationMs: Type.Integer({ description: 'of what is played' }),
  isNormalized: Type.Boolean({ description: 'brought to -19 LUFS, its peaks limited' }),
  isTrimmed: Type.Boolean({ description: 'silence at its ends cut off' }),
  createdAt: timestamp,
});
const lufs = orNull(Type.Number({ description: 'LUFS (ITU-R BS.1770-4); null: not measured, or too quiet for it' }));
const soundSchema = Type.Object({
  ...fileSchema.properties,
  sampleRate: Type.Integer(),
  loudness: Type.Object({ before: lufs, after: lufs }),
  waveform: orNull(
    Type.Array(Type.Tuple([Type.Number(), Type.Number()]), {
      description: 'lowest and highest sample of up to 400 equal parts, -1 to 1; null: stored before waveforms were',
    }),
  ),
});

/** /accounts/{id}/voice-files, /voice-files/{fileId}: what was uploaded, how loud it is and what it looks like. */
export function mountVoiceFiles(instance: AdminInstance, db: Db): void {
  instance.get(
    '/accounts/:id/voice-files',
    {
      schema: {
        tags,
        params: idParamsSchema,
        querystring: pageQuerySchema,
        response: { 200: pageSchema(fileSchema) },
      },
    },
    async ({ params: { id }, query: { page = 1, pageSize = 50 } }) => {
      await getAccount(db, id);
      const { total, records } = await listVoiceFiles(db, id, { current: page, size: pageSize });
      return { total, page, pageSize, items: records.map(fileAnswer) };
    },
  );
  instance.get('/voice-files/:fileId', { schema: { tags, params, response: { 200: soundSchema } } }, async (request) =>
    soundAnswer(await getVoiceFileSound(db, request.params.fileId)),
  );
  const picture = {
    description: 'The waveform as a picture',
    content: { 'image/svg+xml': { schema: Type.Unsafe<string>({ type: 'string' }) } },
  };
  instance.get(
    '/voice-files/:fileId/waveform.svg',
    { schema: { tags, params, response: { 200: picture } } },
    async (request, reply) => {
      const sound = await getVoiceFileSound(db, request.params.fileId);
      return reply.type('image/svg+xml').send(drawWaveform(headingOf(sound), sound.waveform ?? new Int8Array(0)));
    },
  );
}

function fileAnswer({ promptId: _, createdAt, ...file }: VoiceFile) {
  return { ...file, createdAt: createdAt.toISOString() };
}

function soundAnswer({ file, sampleRate, loudnessBefore, loudnessAfter, waveform }: VoiceFileSound) {
  return {
    ...fileAnswer(file),
    sampleRate,
    loudness: { before: tenths(loudnessBefore), after: tenths(loudnessAfter) },
    waveform: waveform && pairsOf(waveform),
  };
}

function pairsOf(waveform: Int8Array): [number, number][] {
  const share = (index: number): number => Math.round(((waveform[index] ?? 0) / 127) * 1000) / 1000;
  return Array.from({ length: waveform.length / 2 }, (_, point) => [share(point * 2), share(point * 2 + 1)]);
}

/** A single-precision column gives more digits than were stored. */
function tenths(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}

function headingOf({ file, loudnessAfter }: VoiceFileSound) {
  const loudness = loudnessAfter === null ? '' : `, ${loudnessAfter.toFixed(1)} LUFS`;
  return { name: file.fileName, detail: `${(file.durationMs / 1000).toFixed(1)} s${loudness}` };
}
