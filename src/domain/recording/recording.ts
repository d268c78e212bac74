import type { StoreKind } from '../../storage/blob-store.ts';

/**
 * How it stands with the recording of an answered call whose task records. `waiting`: it is being recorded, or waits for being stored; `deleted`: it was
 * older than the account keeps them.
 */
export type RecordingState = 'waiting' | 'stored' | 'lost' | 'deleted';

/** A call's recording as its record shows it. */
export type CallRecording = {
  readonly state: RecordingState;
  /** What it is fetched by; null unless it is stored. */
  readonly fileId: string | null;
  /** Why it is lost, or what is wrong with what is stored; null: nothing. */
  readonly problem: string | null;
  readonly durationMs: number | null;
};

/** What became of a recording: where it lies, or why it is lost. */
export type RecordingResult =
  | {
      readonly state: 'stored';
      readonly store: StoreKind;
      readonly blobName: string;
      readonly bytes: number;
      readonly durationMs: number;
      /** What is wrong with it, e.g. that its end is missing; null: nothing. */
      readonly problem: string | null;
    }
  | { readonly state: 'lost'; readonly problem: string };

/** A stored recording, as it is read. */
export type StoredRecording = {
  readonly fileId: string;
  readonly store: StoreKind;
  readonly blobName: string;
  readonly bytes: number;
};
