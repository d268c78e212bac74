/** How it stands with a call's report; see `report-machine.ts`. */
export type ReportState = 'pending' | 'retrying' | 'delivered' | 'dead';

/** Where an app's reports go, and how. */
export type ReportTarget = {
  readonly appSeq: number;
  readonly appId: string;
  readonly url: string;
  readonly secret: string;
  readonly hasBatches: boolean;
};

/** What came of one POST. */
export type ReportTry = {
  /** The `Carillon-Delivery` that it carried. */
  readonly deliveryId: string;
  readonly tookMs: number;
  /** Of the answer; null: there was none. */
  readonly httpStatus: number | null;
  /** Why it was not delivered; null: it was. */
  readonly problem: string | null;
};

/** How many reports a POST has at most, where an app has them in batches (contract 15.11). */
export const largestBatch = 100;
