/**
 * The non-INVITE client transaction: RFC 3261 section 17.1.2.
 *
 *                                 |Request from TU
 *                                 |request sent
 *             Timer E             V
 *             request sent  +----------+
 *                 +---------|          |-------------------+
 *                 |         |  trying  |  Timer F          |
 *                 +-------->|          |  or transport err.|
 *                           +----------+  TU is told       |
 *              200-699         |  |                        |
 *              to TU           |  |1xx to TU               |
 *              +---------------+  |                        |
 *              |     Timer E      V       Timer F          |
 *              |     request +-----------+ or transport err.
 *              |     sent +--|           | TU is told      |
 *              |          |  |proceeding |-----------------+
 *              |          +->|           |-+ 1xx to TU     |
 *              |             |           |<+               |
 *              |             +-----------+                 |
 *              |                  |200-699 to TU           |
 *              |                  V                        |
 *              |            +-----------+                  |
 *              +----------->| completed |                  |
 *                           +-----------+                  |
 *                                 | Timer K                |
 *                                 V                        |
 *                           +------------+                 |
 *                           | terminated |<----------------+
 *                           +------------+
 *
 * trying: the request is out, nothing has come back. Timer E sends it again (doubled up to T2), timer F gives up.
 * proceeding: a provisional response came; timer E goes on at T2, timer F as before.
 * completed: the final response was handed up; repetitions of it are taken in until timer K.
 * terminated: forgotten.
 *
 * Over TCP and TLS timer E is not started and timer K is nothing; that is the shell's to see to.
 */
export type NonInviteClientState = 'trying' | 'proceeding' | 'completed' | 'terminated';

export type NonInviteClientInput = 'timer-e' | 'timer-f' | 'timer-k' | 'provisional' | 'final' | 'transport-error';

export type NonInviteClientAction =
  | 'resend-request'
  | 'double-timer-e'
  | 'restart-timer-e-at-t2'
  | 'stop-timers'
  | 'start-timer-k'
  | 'pass-response'
  | 'report-timeout'
  | 'report-transport-error'
  | 'forget';

export type NonInviteClientStep = {
  readonly state: NonInviteClientState;
  readonly actions: readonly NonInviteClientAction[];
};

/** What the shell does when it creates the transaction: send the request and start timers E (T1) and F. */
export const nonInviteClientStart = 'trying' satisfies NonInviteClientState;

const to = (state: NonInviteClientState, ...actions: NonInviteClientAction[]): NonInviteClientStep => ({
  state,
  actions,
});

/** A late timer: the state was left between its being due and its being run. */
const lateIn = to;
/** Repeated or out of order, and without consequence in this state. */
const ignoredIn = to;

const completed = to('completed', 'stop-timers', 'start-timer-k', 'pass-response');
const timedOut = to('terminated', 'stop-timers', 'report-timeout', 'forget');
const failed = to('terminated', 'stop-timers', 'report-transport-error', 'forget');

const table: Record<NonInviteClientState, Record<NonInviteClientInput, NonInviteClientStep>> = {
  trying: {
    'timer-e': to('trying', 'resend-request', 'double-timer-e'),
    'timer-f': timedOut,
    'timer-k': lateIn('trying'),
    provisional: to('proceeding', 'pass-response'),
    final: completed,
    'transport-error': failed,
  },
  proceeding: {
    'timer-e': to('proceeding', 'resend-request', 'restart-timer-e-at-t2'),
    'timer-f': timedOut,
    'timer-k': lateIn('proceeding'),
    provisional: to('proceeding', 'pass-response'),
    final: completed,
    'transport-error': failed,
  },
  completed: {
    'timer-e': lateIn('completed'),
    'timer-f': lateIn('completed'),
    'timer-k': to('terminated', 'forget'),
    provisional: ignoredIn('completed'),
    final: ignoredIn('completed'),
    'transport-error': ignoredIn('completed'),
  },
  terminated: {
    'timer-e': lateIn('terminated'),
    'timer-f': lateIn('terminated'),
    'timer-k': lateIn('terminated'),
    provisional: ignoredIn('terminated'),
    final: ignoredIn('terminated'),
    'transport-error': ignoredIn('terminated'),
  },
};

export function stepNonInviteClient(state: NonInviteClientState, input: NonInviteClientInput): NonInviteClientStep {
  return table[state][input];
}
