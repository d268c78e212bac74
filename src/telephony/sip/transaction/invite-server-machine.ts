/**
 * The INVITE server transaction: RFC 3261 section 17.2.1 with the Accepted state of RFC 6026 section 8.5.
 *
 *                                  |INVITE
 *                                  |100 sent, INVITE to TU
 *          INVITE                  V
 *          response sent +------------------+
 *             +----------|                  |---+ 101-199 from TU
 *             +--------->|    proceeding    |   | response sent
 *                        |                  |<--+
 *                        +------------------+
 *           300-699 from TU |            | 2xx from TU
 *           response sent   |            | response sent
 *                           V            V
 *   INVITE or Timer G  +-----------+  +----------+  INVITE: ignored
 *   response sent +----| completed |  | accepted |--+ ACK: to TU
 *                 +--->|           |  |          |  | 2xx from TU: sent
 *                      +-----------+  +----------+<-+
 *             Timer H    |      | ACK       | Timer L
 *             TU is told |      V           |
 *                        | +-----------+    |
 *                        | | confirmed |-+  |
 *                        | |           |<+ ACK or INVITE: ignored
 *                        | +-----------+    |
 *                        |      | Timer I   |
 *                        V      V           V
 *                        +--------------------+
 *                        |     terminated     |
 *                        +--------------------+
 *
 * proceeding: the TU decides. A repeated INVITE gets the latest provisional response again.
 * completed: a refusal was sent; timer G repeats it (doubled up to T2) until the ACK, timer H gives up on that.
 * confirmed: the ACK to the refusal came; repetitions of it are taken in until timer I.
 * accepted: a 2xx was sent. Repeating it until the ACK is the TU's task; this state keeps repeated INVITEs from looking new
 * and hands ACKs up, until timer L.
 * terminated: forgotten.
 *
 * Over TCP and TLS timer G is not started and timer I is nothing; that is the shell's to see to.
 */
export type InviteServerState = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';

export type InviteServerInput =
  | 'request'
  | 'ack'
  | 'send-provisional'
  | 'send-success'
  | 'send-refusal'
  | 'timer-g'
  | 'timer-h'
  | 'timer-i'
  | 'timer-l'
  | 'transport-error';

export type InviteServerAction =
  | 'send-response'
  | 'resend-response'
  | 'start-timer-g'
  | 'double-timer-g'
  | 'start-timer-h'
  | 'start-timer-i'
  | 'start-timer-l'
  | 'stop-timers'
  | 'pass-ack'
  | 'report-no-ack'
  | 'forget';

export type InviteServerStep = { readonly state: InviteServerState; readonly actions: readonly InviteServerAction[] };

export const inviteServerStart = 'proceeding' satisfies InviteServerState;

const to = (state: InviteServerState, ...actions: InviteServerAction[]): InviteServerStep => ({ state, actions });

/** A late timer: the state was left between its being due and its being run. */
const lateIn = to;
/** Repeated or out of order, and without consequence in this state. */
const ignoredIn = to;
/** The TU has decided already; a second decision is a race (a CANCEL against an answer) that the first one wins. */
const decidedIn = to;
/**
 * Deviation: section 17.2.4 would end the transaction on a transport error. Over UDP the next repetition may get through, and timers
 * H and L bound the wait, so it is let pass.
 */
const outlivedIn = to;

const table: Record<InviteServerState, Record<InviteServerInput, InviteServerStep>> = {
  proceeding: {
    request: to('proceeding', 'resend-response'),
    ack: ignoredIn('proceeding'),
    'send-provisional': to('proceeding', 'send-response'),
    'send-success': to('accepted', 'send-response', 'start-timer-l'),
    'send-refusal': to('completed', 'send-response', 'start-timer-g', 'start-timer-h'),
    'timer-g': lateIn('proceeding'),
    'timer-h': lateIn('proceeding'),
    'timer-i': lateIn('proceeding'),
    'timer-l': lateIn('proceeding'),
    'transport-error': outlivedIn('proceeding'),
  },
  completed: {
    request: to('completed', 'resend-response'),
    ack: to('confirmed', 'stop-timers', 'start-timer-i'),
    'send-provisional': decidedIn('completed'),
    'send-success': decidedIn('completed'),
    'send-refusal': decidedIn('completed'),
    'timer-g': to('completed', 'resend-response', 'double-timer-g'),
    'timer-h': to('terminated', 'stop-timers', 'report-no-ack', 'forget'),
    'timer-i': lateIn('completed'),
    'timer-l': lateIn('completed'),
    'transport-error': outlivedIn('completed'),
  },
  confirmed: {
    request: ignoredIn('confirmed'),
    ack: ignoredIn('confirmed'),
    'send-provisional': decidedIn('confirmed'),
    'send-success': decidedIn('confirmed'),
    'send-refusal': decidedIn('confirmed'),
    'timer-g': lateIn('confirmed'),
    'timer-h': lateIn('confirmed'),
    'timer-i': to('terminated', 'forget'),
    'timer-l': lateIn('confirmed'),
    'transport-error': outlivedIn('confirmed'),
  },
  accepted: {
    request: ignoredIn('accepted'),
    ack: to('accepted', 'pass-ack'),
    'send-provisional': decidedIn('accepted'),
    'send-success': to('accepted', 'send-response'),
    'send-refusal': decidedIn('accepted'),
    'timer-g': lateIn('accepted'),
    'timer-h': lateIn('accepted'),
    'timer-i': lateIn('accepted'),
    'timer-l': to('terminated', 'forget'),
    'transport-error': outlivedIn('accepted'),
  },
  terminated: {
    request: ignoredIn('terminated'),
    ack: ignoredIn('terminated'),
    'send-provisional': decidedIn('terminated'),
    'send-success': decidedIn('terminated'),
    'send-refusal': decidedIn('terminated'),
    'timer-g': lateIn('terminated'),
    'timer-h': lateIn('terminated'),
    'timer-i': lateIn('terminated'),
    'timer-l': lateIn('terminated'),
    'transport-error': outlivedIn('terminated'),
  },
};

export function stepInviteServer(state: InviteServerState, input: InviteServerInput): InviteServerStep {
  return table[state][input];
}
