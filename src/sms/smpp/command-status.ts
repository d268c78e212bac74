/** What a status that is not 0 means for the message it was given for. */
export type RefusalKind =
  /** The same message would be refused again. */
  | 'final'
  /** The carrier cannot take it now. */
  | 'temporary'
  /** It came too fast, or too many wait there: whatever comes next should come slower. */
  | 'throttled';

export type CommandStatus = { readonly name: string; readonly kind: RefusalKind; readonly words: string };

const entry = (name: string, kind: RefusalKind, words: string): CommandStatus => ({ name, kind, words });

/**
 * SMPP 3.4 table 5-2, as far as it can answer a bind or a submit_sm, and what SMPP 5 added. What may be about this one message alone is final: tried again
 * and again it would hold up the others.
 */
export const knownStatuses: ReadonlyMap<number, CommandStatus> = new Map([
  [0x01, entry('ESME_RINVMSGLEN', 'final', 'the message is too long')],
  [0x02, entry('ESME_RINVCMDLEN', 'final', 'the request has a wrong length')],
  [0x03, entry('ESME_RINVCMDID', 'final', 'the carrier does not know the request')],
  [0x04, entry('ESME_RINVBNDSTS', 'temporary', 'not bound, or not for this')],
  [0x05, entry('ESME_RALYBND', 'temporary', 'bound already as often as it may be')],
  [0x06, entry('ESME_RINVPRTFLG', 'final', 'wrong priority')],
  [0x07, entry('ESME_RINVREGDLVFLG', 'final', 'receipts may not be asked for')],
  [0x08, entry('ESME_RSYSERR', 'temporary', "the carrier's system failed")],
  [0x0a, entry('ESME_RINVSRCADR', 'final', 'the sender is not allowed')],
  [0x0b, entry('ESME_RINVDSTADR', 'final', 'no such number')],
  [0x0c, entry('ESME_RINVMSGID', 'final', 'wrong message id')],
  [0x0d, entry('ESME_RBINDFAIL', 'temporary', 'the bind was refused')],
  [0x0e, entry('ESME_RINVPASWD', 'final', 'wrong password')],
  [0x0f, entry('ESME_RINVSYSID', 'final', 'unknown system id')],
  [0x14, entry('ESME_RMSGQFUL', 'throttled', "the carrier's queue is full")],
  [0x15, entry('ESME_RINVSERTYP', 'final', 'wrong service type')],
  [0x43, entry('ESME_RINVESMCLASS', 'final', 'wrong esm_class')],
  [0x45, entry('ESME_RSUBMITFAIL', 'final', 'the carrier does not take the message')],
  [0x48, entry('ESME_RINVSRCTON', 'final', "wrong type of the sender's number")],
  [0x49, entry('ESME_RINVSRCNPI', 'final', "wrong numbering plan of the sender's number")],
  [0x50, entry('ESME_RINVDSTTON', 'final', "wrong type of the recipient's number")],
  [0x51, entry('ESME_RINVDSTNPI', 'final', "wrong numbering plan of the recipient's number")],
  [0x53, entry('ESME_RINVSYSTYP', 'final', 'wrong system type')],
  [0x58, entry('ESME_RTHROTTLED', 'throttled', 'faster than the carrier allows')],
  [0x61, entry('ESME_RINVSCHED', 'final', 'wrong delivery time')],
  [0x62, entry('ESME_RINVEXPIRY', 'final', 'wrong validity')],
  [0x64, entry('ESME_RX_T_APPN', 'temporary', 'the carrier could not take the message for now')],
  [0x65, entry('ESME_RX_P_APPN', 'final', 'the carrier will not take the message')],
  [0x66, entry('ESME_RX_R_APPN', 'final', 'the carrier rejects the message')],
  [0xc0, entry('ESME_RINVOPTPARSTREAM', 'final', 'the carrier cannot read the parameters')],
  [0xc1, entry('ESME_ROPTPARNOTALLWD', 'final', 'the carrier does not allow a parameter')],
  [0xc2, entry('ESME_RINVPARLEN', 'final', 'a parameter has a wrong length')],
  [0xc3, entry('ESME_RMISSINGOPTPARAM', 'final', 'the carrier wants another parameter')],
  [0xc4, entry('ESME_RINVOPTPARAMVAL', 'final', 'a parameter has a wrong value')],
  [0xfe, entry('ESME_RDELIVERYFAILURE', 'final', 'the message cannot be delivered')],
  [0xff, entry('ESME_RUNKNOWNERR', 'final', 'the carrier does not say why')],
  [0x0100, entry('ESME_RSERTYPUNAUTH', 'final', 'the account may not use this service')],
  [0x0101, entry('ESME_RPROHIBITED', 'final', 'the account may not do this')],
  [0x0102, entry('ESME_RSERTYPUNAVAIL', 'temporary', 'the service is not available')],
  [0x0103, entry('ESME_RSERTYPDENIED', 'final', 'the service is denied')],
  [0x0104, entry('ESME_RINVDCS', 'final', 'the carrier does not take this data_coding')],
]);

/**
 * Every status there can be. One that no table has is the carrier's own, and mostly about this message (no credit, no route, spam): it is final, lest the
 * same message is refused for a day.
 */
export function commandStatus(status: number): CommandStatus {
  const known = knownStatuses.get(status);
  if (known !== undefined) return known;
  const words = status >= 0x0400 && status <= 0x04ff ? "the carrier's own status" : 'a status that SMPP does not have';
  return { name: statusCode(status), kind: 'final', words };
}

/** As channels and logs show it: `0x00000058`. */
export function statusCode(status: number): string {
  return `0x${status.toString(16).padStart(8, '0')}`;
}

/** Everything there is to say: `ESME_RTHROTTLED, faster than the carrier allows`. */
export function statusWords(status: number): string {
  const { name, words } = commandStatus(status);
  return `${name}, ${words}`;
}
