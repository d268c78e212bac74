import { deleteVoiceFiles, listVoiceFiles, type VoiceFile } from '../../../domain/voice-file/voice-file-store.ts';
import { type Endpoint, uploadBodyLimit, usualBodyLimit } from '../dialect-call.ts';
import type { DialectDeps } from '../dialect-deps.ts';
import { usualLiterals } from '../envelope.ts';
import { list, readFields, text } from '../field.ts';
import { readPage } from '../query-fields.ts';
import { fileName, finishFields, finishOf, readBase64 } from '../upload-fields.ts';
import { decodeUpload, storeUpload } from '../voice-upload.ts';

/** fileUpload, fileQuery, fileDel (contract section 3). */
export function voiceFileEndpoints(deps: DialectDeps): Endpoint[] {
  const upload: Endpoint = {
    method: 'POST',
    path: '/fileUpload',
    literals: usualLiterals,
    bodyLimit: uploadBodyLimit,
    async handle({ account, body }) {
      const sent = readFields({ fileName: fileName(), file: readBase64(), ...finishFields }, body);
      const decoded = await decodeUpload(deps, {
        fileName: sent.fileName,
        bytes: sent.file,
        finish: finishOf(sent),
        nameField: 'fileName',
        field: 'file',
      });
      return deps.db.transaction().execute((db) => storeUpload(db, account.accountId, decoded));
    },
  };
  const query: Endpoint = {
    method: 'POST',
    path: '/fileQuery',
    literals: usualLiterals,
    bodyLimit: usualBodyLimit,
    async handle({ account, body }) {
      const page = await listVoiceFiles(deps.db, account.accountId, readPage(body));
      return { ...page, records: page.records.map(fileAnswer) };
    },
  };
  const remove: Endpoint = {
    method: 'POST',
    path: '/fileDel',
    literals: usualLiterals,
    bodyLimit: usualBodyLimit,
    async handle({ account, body }) {
      const { fileIdList } = readFields({ fileIdList: list(text({ min: 1, max: 200 }), { min: 1, max: 1000 }) }, body);
      await deleteVoiceFiles(deps.db, account.accountId, [...new Set(fileIdList)]);
      return null;
    },
  };
  return [upload, query, remove];
}

/** `duration` is ours: seconds, to the tenth. */
function fileAnswer({ fileId, fileName: name, durationMs }: VoiceFile) {
  return { fileId, fileName: name, duration: Math.round(durationMs / 100) / 10 };
}
