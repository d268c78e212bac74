/**
 * ITU-T Q.850 causes, as the SIP status that a gateway should have made of them: RFC 3398 section 7.2.4.1. Causes that say nothing of their
 * own (16 normal clearing, 31 normal unspecified, 127 interworking) are not here, and neither is 26 (the call was answered on another phone).
 * Deviation: 21 (call rejected) is 603, not 403, as the RFC allows where the callee did it: carriers have causes of their own for a caller that
 * they don't let through (29, 50, 55, 57, 87). And 18 (no user responding) is 480, not 408, which before ringing is the carrier's own timeout.
 */
const statuses: ReadonlyMap<number, number> = new Map([
  [1, 404], // unallocated number
  [2, 404], // no route to the network
  [3, 404], // no route to the destination
  [17, 486], // user busy
  [18, 480], // no user responding
  [19, 480], // no answer from the user
  [20, 480], // subscriber absent
  [21, 603], // call rejected
  [22, 410], // number changed
  [23, 410], // redirection to a new destination
  [27, 502], // destination out of order
  [28, 484], // address incomplete
  [29, 501], // facility rejected
  [34, 503], // no circuit
  [38, 503], // network out of order
  [41, 503], // temporary failure
  [42, 503], // switching equipment congestion
  [47, 503], // resource unavailable
  [50, 403], // facility not subscribed
  [55, 403], // incoming calls barred within the group
  [57, 403], // bearer capability not authorized
  [58, 503], // bearer capability not available now
  [65, 488], // bearer capability not implemented
  [70, 488], // only restricted digital information
  [79, 501], // service not implemented
  [87, 403], // user not a member of the group
  [88, 503], // incompatible destination
  [102, 504], // recovery on timer expiry
  [111, 500], // protocol error
]);

/** The SIP status that stands for a cause; null: the cause says nothing of its own, or is not known. */
export function statusOfCause(q850Cause: number | null): number | null {
  return q850Cause === null ? null : (statuses.get(q850Cause) ?? null);
}

/**
 * Whether carriers give this status to ends of very different kinds: 480 and 487, which they use for whatever is not an answer; 403, for callers
 * and callees alike; and all 5xx, behind which the network may know that the callee is busy.
 */
export function saysTooLittle(status: number): boolean {
  return status === 403 || status === 480 || status === 487 || (status >= 500 && status < 600);
}
