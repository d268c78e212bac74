import { errors } from '../../../domain/error/registry.ts';
import { getStoredRecording } from '../../../domain/recording/recording-store.ts';
import { type Endpoint, usualBodyLimit } from '../dialect-call.ts';
import type { DialectDeps } from '../dialect-deps.ts';
import { usualLiterals } from '../envelope.ts';
import { readFields, text, withDefault } from '../field.ts';
import { text as localText, rules } from '../rule.ts';

/** getRecordingFileUrl (contract 3.4). */
export function recordingEndpoints({ db, recordings }: DialectDeps): Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/getRecordingFileUrl',
      literals: usualLiterals,
      bodyLimit: usualBodyLimit,
      async handle({ account, query, origin }) {
        const { recordingFileId, sourceType } = readFields(fields, query);
        if (sourceType === 'sip') throw errors.notOffered('sourceType sip', instead);
        if (sourceType !== 'group') throw errors.badParameter('sourceType', rules.oneOf(['group', 'sip']));
        const { fileId } = await getStoredRecording(db, account.accountId, recordingFileId);
        const { url, expiresAt } = await recordings.make(fileId, origin);
        return { url, expireTime: expiresAt };
      },
    },
  ];
}

const fields = {
  recordingFileId: text({ min: 1, max: 64 }),
  sourceType: withDefault(text({ max: 16 }), 'group'),
};

const instead = localText(
  'desk phones are not recorded yet; leave sourceType out for recordings of group calls',
  '暂不支持话机录音；查询群呼录音请不传 sourceType',
);
