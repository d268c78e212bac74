/**
 * The INVITE client transaction: RFC 3261 section 17.1.1 with the Accepted state of RFC 6026 section 8.4.
 *
 *                                   |INVITE from TU
 *                 Timer A fires     |INVITE sent      Timer B fires or
 *                 reset A,          V                 transport error,
 *                 INVITE sent +-----------+           TU is told
 *                   +---------|           |------------------------------+
 *                   +-------->|  calling  |                              |
 *       300-699               |           |   2xx to TU                  |
 *       ACK sent  +-----------|           |------------------------+     |
 *       to TU     |           +-----------+                        |     |
 *                 |                 | 1xx to TU                    |     |
 *                 |   1xx to TU     V                              |     |
 *                 |   +-----  +------------+  2xx to TU            |     |
 *                 |   |       | proceeding |---------------------->|     |
 *                 |   +-----> +------------+                       |     |
 *                 |                 | 300-699, ACK sent, to TU     |     |
 *                 |                 V                              V     |
 *       300-699   |           +-----------+                +----------+  |
 *       ACK sent  |   +-------| completed |                | accepted |  |
 *                 |   +------>|           |                +----------+  |
 *                 +---------->+-----------+                  |  ^  |     |
 *                                   | Timer D fires          |  |  |     |
 *                                   | or transport error     +--+  |     |
 *                                   V                     2xx to TU|     |
 *                             +------------+   Timer M fires       |     |
 *                             | terminated |<----------------------+-----+
 *                             +------------+
 *
 * calling: the INVITE is out, nothing has come back. Timer A sends it again (interval doubled each time), timer B gives up.
 * proceeding: a provisional response came; the far side has the INVITE, so nothing is sent again and nothing gives up here
 * (how long it may ring is the TU's business).
 * completed: a refusal came and was ACKed. Each repetition of it is ACKed again until timer D ends the transaction.
 * accepted: a 2xx came. The TU ACKs it; further 2xx (repeated, or of other forks) go to the TU until timer M.
 * terminated: forgotten.
 *
 * Over TCP and TLS timer A is not started and timer D is nothing; that is the shell's to see to.
 */
export type InviteClientState = 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated';

export type InviteClientInput =
  | 'timer-a'
  | 'timer-b'
  | 'timer-d'
  | 'timer-m'
  | 'provisional'
  | 'success'
  | 'refusal'
  | 'transport-error';

export type InviteClientAction =
  | 'resend-request'
  | 'double-timer-a'
  | 'stop-timers'
  | 'start-timer-d'
  | 'start-timer-m'
  | 'send-ack'
  | 'pass-response'
  | 'report-timeout'
  | 'report-transport-error'
  | 'forget';

export type InviteClientStep = { readonly state: InviteClientState; readonly actions: readonly InviteClientAction[] };

/** What the shell does when it creates the transaction: send the request and start timers A (T1) and B. */
export const inviteClientStart = 'calling' satisfies InviteClientState;

const to = (state: InviteClientState, ...actions: InviteClientAction[]): InviteClientStep => ({ state, actions });

/** A late timer: the state was left between its being due and its being run. */
const lateIn = to;
/** Repeated or out of order, and without consequence in this state. */
const ignoredIn = to;

const failed = to('terminated', 'stop-timers', 'report-transport-error', 'forget');

const table: Record<InviteClientState, Record<InviteClientInput, InviteClientStep>> = {
  calling: {
    'timer-a': to('calling', 'resend-request', 'double-timer-a'),
    'timer-b': to('terminated', 'stop-timers', 'report-timeout', 'forget'),
    'timer-d': lateIn('calling'),
    'timer-m': lateIn('calling'),
    provisional: to('proceeding', 'stop-timers', 'pass-response'),
    success: to('accepted', 'stop-timers', 'start-timer-m', 'pass-response'),
    refusal: to('completed', 'stop-timers', 'send-ack', 'start-timer-d', 'pass-response'),
    'transport-error': failed,
  },
  proceeding: {
    'timer-a': lateIn('proceeding'),
    'timer-b': lateIn('proceeding'),
    'timer-d': lateIn('proceeding'),
    'timer-m': lateIn('proceeding'),
    provisional: to('proceeding', 'pass-response'),
    success: to('accepted', 'start-timer-m', 'pass-response'),
    refusal: to('completed', 'send-ack', 'start-timer-d', 'pass-response'),
    // Nothing was sent in this state: an error now is about a packet that the answer has overtaken.
    'transport-error': ignoredIn('proceeding'),
  },
  completed: {
    'timer-a': lateIn('completed'),
    'timer-b': lateIn('completed'),
    'timer-d': to('terminated', 'forget'),
    'timer-m': lateIn('completed'),
    provisional: ignoredIn('completed'),
    success: ignoredIn('completed'),
    refusal: to('completed', 'send-ack'),
    // Deviation: the TU has its final response already, so the failed ACK is not reported; section 17.1.1.2 would report it.
    'transport-error': to('terminated', 'stop-timers', 'forget'),
  },
  accepted: {
    'timer-a': lateIn('accepted'),
    'timer-b': lateIn('accepted'),
    'timer-d': lateIn('accepted'),
    'timer-m': to('terminated', 'forget'),
    provisional: ignoredIn('accepted'),
    success: to('accepted', 'pass-response'),
    refusal: ignoredIn('accepted'),
    'transport-error': ignoredIn('accepted'),
  },
  terminated: {
    'timer-a': lateIn('terminated'),
    'timer-b': lateIn('terminated'),
    'timer-d': lateIn('terminated'),
    'timer-m': lateIn('terminated'),
    provisional: ignoredIn('terminated'),
    success: ignoredIn('terminated'),
    refusal: ignoredIn('terminated'),
    'transport-error': ignoredIn('terminated'),
  },
};

export function stepInviteClient(state: InviteClientState, input: InviteClientInput): InviteClientStep {
  return table[state][input];
}
