/**
 * The non-INVITE server transaction: RFC 3261 section 17.2.2.
 *
 *                            |Request, to TU
 *                            V
 *                      +-----------+
 *                      |  trying   |  Request: ignored
 *                      +-----------+
 *                        |       | 1xx from TU, response sent
 *          200-699       |       V
 *          from TU       |  +------------+  Request or 1xx from TU:
 *          response sent |  | proceeding |-+ response sent
 *                        |  +------------+<+
 *                        |       | 200-699 from TU, response sent
 *                        V       V
 *                      +-----------+  Request: response sent
 *                      | completed |-+
 *                      +-----------+<+
 *                            | Timer J
 *                            V
 *                      +------------+
 *                      | terminated |
 *                      +------------+
 *
 * trying: the TU decides; a repeated request is ignored.
 * proceeding: as before, but a provisional response is there to be repeated.
 * completed: the final response was sent and is sent again for each repeated request, until timer J.
 * terminated: forgotten.
 *
 * Over TCP and TLS timer J is nothing; that is the shell's to see to.
 */
export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated';

export type NonInviteServerInput = 'request' | 'send-provisional' | 'send-final' | 'timer-j' | 'transport-error';

export type NonInviteServerAction = 'send-response' | 'resend-response' | 'start-timer-j' | 'forget';

export type NonInviteServerStep = {
  readonly state: NonInviteServerState;
  readonly actions: readonly NonInviteServerAction[];
};

export const nonInviteServerStart = 'trying' satisfies NonInviteServerState;

const to = (state: NonInviteServerState, ...actions: NonInviteServerAction[]): NonInviteServerStep => ({
  state,
  actions,
});

/** A late timer: the state was left between its being due and its being run. */
const lateIn = to;
/** The TU has decided already, and the first decision stands. */
const decidedIn = to;
/** Nothing to repeat yet, or no longer. */
const ignoredIn = to;
/** Deviation: not ended by a transport error (section 17.2.4): the next repetition may get through, timer J bounds the wait. */
const outlivedIn = to;

const table: Record<NonInviteServerState, Record<NonInviteServerInput, NonInviteServerStep>> = {
  trying: {
    request: ignoredIn('trying'),
    'send-provisional': to('proceeding', 'send-response'),
    'send-final': to('completed', 'send-response', 'start-timer-j'),
    'timer-j': lateIn('trying'),
    'transport-error': outlivedIn('trying'),
  },
  proceeding: {
    request: to('proceeding', 'resend-response'),
    'send-provisional': to('proceeding', 'send-response'),
    'send-final': to('completed', 'send-response', 'start-timer-j'),
    'timer-j': lateIn('proceeding'),
    'transport-error': outlivedIn('proceeding'),
  },
  completed: {
    request: to('completed', 'resend-response'),
    'send-provisional': decidedIn('completed'),
    'send-final': decidedIn('completed'),
    'timer-j': to('terminated', 'forget'),
    'transport-error': outlivedIn('completed'),
  },
  terminated: {
    request: ignoredIn('terminated'),
    'send-provisional': decidedIn('terminated'),
    'send-final': decidedIn('terminated'),
    'timer-j': lateIn('terminated'),
    'transport-error': outlivedIn('terminated'),
  },
};

export function stepNonInviteServer(state: NonInviteServerState, input: NonInviteServerInput): NonInviteServerStep {
  return table[state][input];
}
