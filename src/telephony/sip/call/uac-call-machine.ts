/**
 * An outgoing call, above the transactions: RFC 3261 sections 9.1 (CANCEL), 13.2 (INVITE), 15.1.1 (BYE), 22 (digest),
 * 8.1.3.4 (redirection), and RFC 3263 section 4.3 (failover).
 *
 *   INVITE sent       1xx                 2xx: ACK              hang-up: BYE
 *  ----> calling ----------> proceeding ----------> answered ----------> hanging-up
 *        |  |  ^ 401/407, or   |    |                  |                  ^  |  |
 *        |  |  | hop down:     |    | hang-up: CANCEL  | remote BYE       |  |  | BYE answered,
 *        |  |  +-- INVITE -----+    |                  |                  |  |  | timed out, or
 *        |  | hang-up          |    v                  |   2xx: ACK, BYE  |  |  | theirs came
 *        |  +--> cancel-held --|--> cancelling --------|------------------+  |  |
 *        |         |   1xx:    |         |             |                     |  |
 *        |         |   CANCEL  |         |             |                     |  |
 *        v         v           v         v             v                     v  v
 *        +------------------------------- ended --------------------------------+
 *          refusal, timer B, transport error; in cancelling also: no final answer for 64*T1
 *
 *   calling, proceeding -- redirected --> redirecting -- located: INVITE --> calling
 *                                              +--> ended: no target leads anywhere, hang-up
 *
 * calling: the INVITE is out, nothing has come back. Ends by itself: timer B, which the next hop gets anew.
 * proceeding: a provisional response came. How long it may ring is for the caller of this library to say, by hanging up.
 * redirecting: refused, and nothing is on the wire: where the next target is, is being asked. Nothing has rung, or we would not look for one.
 * cancel-held: hung up, but a CANCEL may not go out before a provisional response came (section 9.1).
 * cancelling: the CANCEL is out. A 487 ends it, as does any other refusal; a 2xx crossed the CANCEL and is ACKed and BYEd.
 * Nothing for 64*T1: ended, and a 2xx that still comes in the 64*T1 after is ACKed and BYEd all the same.
 * answered: ACKed, the dialog is there. Repeated 2xx are ACKed again, those of other forks ACKed and BYEd.
 * hanging-up: our BYE is out. Whatever becomes of it, the call ends.
 * ended: reported. Only stray 2xx are still dealt with.
 */
export type UacCallState =
  | 'calling'
  | 'proceeding'
  | 'redirecting'
  | 'cancel-held'
  | 'cancelling'
  | 'answered'
  | 'hanging-up'
  | 'ended';

export type UacCallInput =
  | 'provisional'
  /** A 401, 407 or 422 that another INVITE can answer. */
  | 'challenge'
  | 'refusal'
  /** The hop failed, nobody was reached by it, and there is another one. */
  | 'next-hop'
  /** Refused, but another target may be asked: the refusal names it (3xx), or an earlier one did. */
  | 'redirect'
  /** The next target was found. */
  | 'located'
  /** No target is left that leads anywhere. */
  | 'nowhere'
  /** The first 2xx. */
  | 'success'
  /** The first 2xx again. */
  | 'success-again'
  /** A 2xx with another To tag. */
  | 'success-fork'
  | 'timeout'
  | 'transport-error'
  | 'hang-up'
  /** 64*T1 after the CANCEL, or after the end of a call that was never finally answered. */
  | 'patience-over'
  | 'remote-bye'
  | 'bye-done'
  | 'close';

export type UacCallAction =
  | 'report-provisional'
  | 'invite-again'
  /** The same INVITE to the next hop. */
  | 'invite-next-hop'
  | 'locate-target'
  /** The INVITE to the target that was located. */
  | 'invite-target'
  | 'send-cancel'
  | 'start-patience'
  | 'stop-patience'
  /** ACK the first 2xx, which makes the dialog. */
  | 'accept'
  | 'report-answered'
  | 'ack-again'
  | 'drop-fork'
  | 'send-bye'
  | 'abandon-invite'
  | UacCallEndAction;

/** The call is reported as ended, with this as the cause. */
export type UacCallEndAction =
  | 'end-rejected'
  | 'end-timeout'
  | 'end-transport-error'
  | 'end-remote-bye'
  | 'end-local-bye'
  | 'end-closed';

export type UacCallStep = { readonly state: UacCallState; readonly actions: readonly UacCallAction[] };

const to = (state: UacCallState, ...actions: UacCallAction[]): UacCallStep => ({ state, actions });

/** The lower layers don't send this in this state, or it says nothing new. */
const ignoredIn = to;

const rejected = to('ended', 'stop-patience', 'end-rejected');
const timedOut = to('ended', 'stop-patience', 'end-timeout');
const unsent = to('ended', 'stop-patience', 'end-transport-error');
const closed = to('ended', 'stop-patience', 'end-closed');
const crossed = to('hanging-up', 'stop-patience', 'accept', 'send-bye');

/** No dialog and no BYE before the first 2xx, and no second 2xx before the first. */
const beforeAnswer = (state: UacCallState) => ({
  located: ignoredIn(state),
  nowhere: ignoredIn(state),
  'success-again': ignoredIn(state),
  'success-fork': ignoredIn(state),
  'remote-bye': ignoredIn(state),
  'bye-done': ignoredIn(state),
});

/** The INVITE transaction is in its Accepted state: it reports nothing but 2xx. */
const afterAnswer = (state: UacCallState) => ({
  provisional: ignoredIn(state),
  challenge: ignoredIn(state),
  refusal: ignoredIn(state),
  'next-hop': ignoredIn(state),
  redirect: ignoredIn(state),
  // Somebody hung up while it was asked.
  located: ignoredIn(state),
  nowhere: ignoredIn(state),
  success: ignoredIn(state),
  'success-again': to(state, 'ack-again'),
  'success-fork': to(state, 'drop-fork'),
  timeout: ignoredIn(state),
  'transport-error': ignoredIn(state),
  'patience-over': ignoredIn(state),
});

const table: Record<UacCallState, Record<UacCallInput, UacCallStep>> = {
  calling: {
    ...beforeAnswer('calling'),
    provisional: to('proceeding', 'report-provisional'),
    challenge: to('calling', 'invite-again'),
    'next-hop': to('calling', 'invite-next-hop'),
    redirect: to('redirecting', 'locate-target'),
    refusal: rejected,
    success: to('answered', 'accept', 'report-answered'),
    timeout: timedOut,
    'transport-error': unsent,
    'hang-up': to('cancel-held'),
    'patience-over': ignoredIn('calling'),
    close: closed,
  },
  proceeding: {
    ...beforeAnswer('proceeding'),
    provisional: to('proceeding', 'report-provisional'),
    challenge: to('calling', 'invite-again'),
    'next-hop': to('calling', 'invite-next-hop'),
    redirect: to('redirecting', 'locate-target'),
    refusal: rejected,
    success: to('answered', 'accept', 'report-answered'),
    timeout: timedOut,
    'transport-error': unsent,
    'hang-up': to('cancelling', 'send-cancel', 'start-patience'),
    'patience-over': ignoredIn('proceeding'),
    close: closed,
  },
  redirecting: {
    ...beforeAnswer('redirecting'),
    // The INVITE is over: what its transaction still gets are repetitions.
    provisional: ignoredIn('redirecting'),
    challenge: ignoredIn('redirecting'),
    refusal: ignoredIn('redirecting'),
    'next-hop': ignoredIn('redirecting'),
    redirect: ignoredIn('redirecting'),
    success: ignoredIn('redirecting'),
    timeout: ignoredIn('redirecting'),
    'transport-error': ignoredIn('redirecting'),
    located: to('calling', 'invite-target'),
    nowhere: rejected,
    'hang-up': rejected,
    'patience-over': ignoredIn('redirecting'),
    close: closed,
  },
  'cancel-held': {
    ...beforeAnswer('cancel-held'),
    // Not sent: whoever has hung up looks no further, and the failure is the call's end.
    'next-hop': ignoredIn('cancel-held'),
    redirect: ignoredIn('cancel-held'),
    provisional: to('cancelling', 'send-cancel', 'start-patience'),
    challenge: rejected,
    refusal: rejected,
    success: crossed,
    timeout: timedOut,
    'transport-error': unsent,
    'hang-up': ignoredIn('cancel-held'),
    'patience-over': ignoredIn('cancel-held'),
    close: closed,
  },
  cancelling: {
    ...beforeAnswer('cancelling'),
    // Not sent: whoever has hung up looks no further, and the failure is the call's end.
    'next-hop': ignoredIn('cancelling'),
    redirect: ignoredIn('cancelling'),
    provisional: ignoredIn('cancelling'),
    challenge: rejected,
    refusal: rejected,
    success: crossed,
    timeout: timedOut,
    'transport-error': unsent,
    'hang-up': ignoredIn('cancelling'),
    // Patience is started once more, for a 2xx that may still come.
    'patience-over': to('ended', 'end-timeout', 'start-patience'),
    close: closed,
  },
  answered: {
    ...afterAnswer('answered'),
    'hang-up': to('hanging-up', 'send-bye'),
    'remote-bye': to('ended', 'end-remote-bye'),
    'bye-done': ignoredIn('answered'),
    close: closed,
  },
  'hanging-up': {
    ...afterAnswer('hanging-up'),
    'hang-up': ignoredIn('hanging-up'),
    // Both sides hang up at once.
    'remote-bye': to('ended', 'end-local-bye'),
    'bye-done': to('ended', 'end-local-bye'),
    close: closed,
  },
  ended: {
    ...afterAnswer('ended'),
    success: to('ended', 'stop-patience', 'accept', 'send-bye'),
    'patience-over': to('ended', 'abandon-invite'),
    'hang-up': ignoredIn('ended'),
    'remote-bye': ignoredIn('ended'),
    'bye-done': ignoredIn('ended'),
    close: to('ended', 'stop-patience'),
  },
};

export function stepUacCall(state: UacCallState, input: UacCallInput): UacCallStep {
  return table[state][input];
}
