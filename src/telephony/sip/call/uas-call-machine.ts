/**
 * An incoming call, above the transactions: RFC 3261 sections 9.2 (CANCEL), 13.3 (INVITE), 15 (BYE).
 *
 *   INVITE      answer: 2xx           ACK                hang-up: BYE
 *  ----> offered ----------> accepted ------> confirmed ------------> hanging-up
 *          |                 |   |              |                      ^  |
 *          |         hang-up |   | no ACK: BYE  | remote BYE           |  | BYE answered,
 *          | CANCEL: 487     V   +--------------|--------------------->|  | timed out, or
 *          | reject     bye-held ---------------|----------------------+  | theirs came
 *          |                |  ACK, or none in time: BYE                  |
 *          V                V                   V                         V
 *          +---------------------------- ended ---------------------------+
 *
 * offered: the caller waits (it has its 100); we may send provisional responses, answer or reject, it may cancel.
 * accepted: the 2xx is out and is repeated until the ACK, for 64*T1.
 * bye-held: hung up before the ACK came; section 15 forbids a BYE until it does, or is given up on.
 * confirmed: the dialog is there.
 * hanging-up: our BYE is out. Whatever becomes of it, the call ends.
 * ended: reported.
 */
export type UasCallState = 'offered' | 'accepted' | 'bye-held' | 'confirmed' | 'hanging-up' | 'ended';

export type UasCallInput =
  | 'answer'
  | 'reject'
  | 'cancel'
  | 'ack'
  | 'no-ack'
  | 'hang-up'
  | 'remote-bye'
  | 'bye-done'
  | 'close';

export type UasCallAction =
  | 'send-answer'
  | 'send-rejection'
  | 'send-terminated'
  | 'stop-repeating'
  | 'send-bye'
  | 'report-cancelled'
  | 'report-acknowledged'
  | 'end-remote-bye'
  | 'end-local-bye'
  | 'end-no-ack'
  | 'end-closed'
  | 'end-silently';

export type UasCallStep = { readonly state: UasCallState; readonly actions: readonly UasCallAction[] };

const to = (state: UasCallState, ...actions: UasCallAction[]): UasCallStep => ({ state, actions });

/** Decided already, or repeated: without consequence in this state. */
const ignoredIn = to;

const cancelled = to('ended', 'send-terminated', 'report-cancelled', 'end-silently');
const remoteBye = to('ended', 'stop-repeating', 'end-remote-bye');
const closed = to('ended', 'stop-repeating', 'end-closed');

const decided = (state: UasCallState) => ({
  answer: ignoredIn(state),
  reject: ignoredIn(state),
  // Section 9.2: a CANCEL has no effect on an INVITE that was answered.
  cancel: ignoredIn(state),
});

const table: Record<UasCallState, Record<UasCallInput, UasCallStep>> = {
  offered: {
    answer: to('accepted', 'send-answer'),
    reject: to('ended', 'send-rejection', 'end-silently'),
    cancel: cancelled,
    ack: ignoredIn('offered'),
    'no-ack': ignoredIn('offered'),
    // Nobody asked to reject with something else.
    'hang-up': to('ended', 'send-rejection', 'end-silently'),
    // Section 15.1.2: a BYE for an early dialog ends the INVITE as a CANCEL would.
    'remote-bye': cancelled,
    'bye-done': ignoredIn('offered'),
    close: closed,
  },
  accepted: {
    ...decided('accepted'),
    ack: to('confirmed', 'stop-repeating', 'report-acknowledged'),
    'no-ack': to('ended', 'end-no-ack', 'send-bye'),
    'hang-up': to('bye-held'),
    'remote-bye': remoteBye,
    'bye-done': ignoredIn('accepted'),
    close: closed,
  },
  'bye-held': {
    ...decided('bye-held'),
    ack: to('hanging-up', 'stop-repeating', 'report-acknowledged', 'send-bye'),
    'no-ack': to('ended', 'end-no-ack', 'send-bye'),
    'hang-up': ignoredIn('bye-held'),
    'remote-bye': to('ended', 'stop-repeating', 'end-local-bye'),
    'bye-done': ignoredIn('bye-held'),
    close: closed,
  },
  confirmed: {
    ...decided('confirmed'),
    ack: ignoredIn('confirmed'),
    'no-ack': ignoredIn('confirmed'),
    'hang-up': to('hanging-up', 'send-bye'),
    'remote-bye': to('ended', 'end-remote-bye'),
    'bye-done': ignoredIn('confirmed'),
    close: closed,
  },
  'hanging-up': {
    ...decided('hanging-up'),
    ack: ignoredIn('hanging-up'),
    'no-ack': ignoredIn('hanging-up'),
    'hang-up': ignoredIn('hanging-up'),
    'remote-bye': to('ended', 'end-local-bye'),
    'bye-done': to('ended', 'end-local-bye'),
    close: closed,
  },
  ended: {
    ...decided('ended'),
    ack: ignoredIn('ended'),
    'no-ack': ignoredIn('ended'),
    'hang-up': ignoredIn('ended'),
    'remote-bye': ignoredIn('ended'),
    'bye-done': ignoredIn('ended'),
    close: ignoredIn('ended'),
  },
};

export function stepUasCall(state: UasCallState, input: UasCallInput): UasCallStep {
  return table[state][input];
}
