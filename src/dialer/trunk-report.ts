import type { TrunkRegistrationStatus } from '../call/engine.ts';
import type { TrunkHealthReport } from '../domain/trunk/trunk-health.ts';
import type { BreakerState } from './breaker.ts';
import { callsIn } from './failure-window.ts';
import type { ProbeResult } from './trunk-probe.ts';

/** What a process knows of a trunk. */
export type TrunkFacts = {
  readonly trunkId: number;
  readonly activeCalls: number;
  readonly breaker: BreakerState;
  /** ms since the epoch: since when the circuit is as it is, and when an open one is looked at again. */
  readonly circuitSince: number;
  readonly circuitUntil: number;
  /** null: the trunk does not register. */
  readonly registration: TrunkRegistrationStatus | null;
  /** null: none was sent. */
  readonly probe: ProbeResult | null;
};

/** What is told to the operators of a trunk; `now` is monotonic. */
export function reportOf(facts: TrunkFacts, now: number): TrunkHealthReport {
  const { trunkId, activeCalls, breaker, registration, probe } = facts;
  const { calls, failures } = callsIn(breaker.window, now);
  return {
    trunkId,
    activeCalls,
    ...stateOf(breaker, registration),
    circuit: {
      state: breaker.name === 'half-open' ? 'half_open' : breaker.name,
      since: isoOf(facts.circuitSince),
      reason: breaker.reason,
      nextTryAt: breaker.name === 'open' ? isoOf(facts.circuitUntil) : null,
      recentCalls: calls,
      recentFailures: failures,
    },
    registration: registration && {
      state: registration.state,
      reason: registration.reason,
      expiresAt: isoOrNull(registration.expiresAt),
      nextTryAt: isoOrNull(registration.nextTryAt),
    },
    options: probe && { status: probe.status, roundTripMs: probe.roundTripMs, at: isoOf(probe.at) },
  };
}

/** Why the trunk takes no calls for want of a registration; null: it is registered, or need not be. */
export function registrationProblem(status: TrunkRegistrationStatus | null): string | null {
  if (status === null || status.state === 'registered') return null;
  return status.reason === null ? 'not registered yet' : `not registered: ${status.reason}`;
}

function stateOf(
  breaker: BreakerState,
  registration: TrunkRegistrationStatus | null,
): Pick<TrunkHealthReport, 'state' | 'reason'> {
  const problem = registrationProblem(registration);
  if (problem !== null) return { state: 'down', reason: problem };
  switch (breaker.name) {
    case 'closed':
      return { state: 'up', reason: null };
    case 'open':
      return { state: 'down', reason: breaker.reason };
    case 'probing':
    case 'half-open':
      return { state: 'probing', reason: breaker.reason };
  }
}

/** To the second: what is computed anew each time must not look like a change. */
function isoOf(epochMs: number): string {
  return new Date(Math.round(epochMs / 1000) * 1000).toISOString();
}

function isoOrNull(epochMs: number | null): string | null {
  return epochMs === null ? null : isoOf(epochMs);
}
