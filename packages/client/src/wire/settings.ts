import type { Flag, Maybe } from './page.ts';

/** What is played (contract 4.1). */
export type Content = UploadedContent | SentContent | SpokenContent;

/** A file that was uploaded before. */
export type UploadedContent = {
  readonly source: 1;
  /** Of `files.upload` or `files.query`. */
  readonly voiceFileId: string;
};

/** A file that comes with the request. */
export type SentContent = FinishOptions & {
  readonly source: 2;
  /** 5 to 32 characters. */
  readonly uploadName: string;
  /** Base64 of the file. */
  readonly baseFile: string;
};

/** A text to be spoken. */
export type SpokenContent = {
  readonly source: 3;
  /** At most 2,048 characters; `${text1}`..`${text10}` are replaced by the callee's variables. */
  readonly text: string;
  /** A code of contract 13.3: EN, VN, ARB... */
  readonly lan: string;
  /** 0.25 to 4. */
  readonly speakingRate?: Maybe<number>;
  /** 1 male, 2 female. */
  readonly ssmlGender?: Maybe<1 | 2>;
  /** A country calling code: 1 American, 44 British, 91 Indian English. */
  readonly accent?: Maybe<string | number>;
};

/** What is done to an uploaded file; Carillon's own. */
export type FinishOptions = {
  /** Brings it to -19 LUFS; default 1. */
  readonly normalizeLoudness?: Maybe<Flag>;
  /** Cuts the silence at its ends; default 1. */
  readonly trimSilence?: Maybe<Flag>;
};

/** The SMS after a call; with `hangUpSms` 1 at least one of the four triggers has to be 1 (contract 4.1). */
export type HangUpSms = {
  readonly hangUpSms?: Maybe<Flag>;
  /** An app of kind SMS. */
  readonly smsAppId?: Maybe<string>;
  /** At most 1,000 characters, with variables. */
  readonly smsContent?: Maybe<string>;
  /** At most 32 characters. */
  readonly senderId?: Maybe<string>;
  /** When `feedbackValue` was pressed. */
  readonly feedbackPush?: Maybe<Flag>;
  /** 0 to 9. */
  readonly feedbackValue?: Maybe<string | number>;
  /** `successPushTime` seconds after the answer. */
  readonly successPush?: Maybe<Flag>;
  readonly successPushTime?: Maybe<number>;
  /** When the call was not answered. */
  readonly failedPush?: Maybe<Flag>;
  /** When it rang. */
  readonly ringPush?: Maybe<Flag>;
};

/** The transfer to an agent (contract 4.1). */
export type Transfer = {
  readonly toSeat?: Maybe<Flag>;
  readonly sipGroupId?: Maybe<number>;
  /** 1: in proportion to the idle agents, the only value. */
  readonly outboundControl?: Maybe<1>;
  /** 1 to 100 calls for each idle agent. */
  readonly calloutRate?: Maybe<number>;
  /** 1 after the playback, 2 on `toSeatKey`. */
  readonly toSeatType?: Maybe<1 | 2>;
  readonly toSeatKey?: Maybe<string | number>;
  /** Seconds, with `toSeatType` 2. */
  readonly delayTransfer?: Maybe<number>;
};

/** What a task and a recall round have in common. */
export type CallSettings = Content & HangUpSms & Transfer;

/** A plan to call again (contract 5.1, 5.2). */
export type RecallPlan = {
  /** 0 everybody again, 1 those who were not reached in the round before. */
  readonly recallType: 0 | 1;
  /** Minutes from the end of a round to the next, 1 to 1440. */
  readonly recallInterval: number;
  /** Rounds, 1 to 10. */
  readonly recallNum: number;
  /** What the first rounds play and do instead of the task's own; at most `recallNum`. */
  readonly nodeList?: Maybe<readonly CallSettings[]>;
};
