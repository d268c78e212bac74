import { type CallKey, formatVoiceId, parseVoiceId } from '../record/voice-id.ts';

const extension = '.wav';
/** Calls whose recordings lie in one folder: a listing of it stays quick. */
const folderCalls = 1000;

/** What clients fetch a call's recording by (contract 3.4, `recordingFileId`). */
export function recordingFileId(key: CallKey): string {
  return `${formatVoiceId(key)}${extension}`;
}

/** The call behind a recording's file id; null: it is none. */
export function parseRecordingFileId(fileId: string): CallKey | null {
  return fileId.endsWith(extension) ? parseVoiceId(fileId.slice(0, -extension.length)) : null;
}

/** Where a recording lies in a store: by day and task, so that an operator finds it by hand. */
export function recordingBlobName(key: CallKey): string {
  const folder = Math.floor(key.seq / folderCalls);
  return `${key.createdDay}/${key.taskId}/${folder}/${recordingFileId(key)}`;
}
