/** Who a call's end is put down to (design section 7). */
export type OutcomeClass = 'success' | 'callee' | 'trunk' | 'platform' | 'indeterminate';
