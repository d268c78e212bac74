import { test } from 'node:test';
import { checkMachine } from '../testing/check-machine.ts';
import { type InviteClientInput, type InviteClientState, stepInviteClient } from './invite-client-machine.ts';
import { type InviteServerInput, type InviteServerState, stepInviteServer } from './invite-server-machine.ts';
import {
  type NonInviteClientInput,
  type NonInviteClientState,
  stepNonInviteClient,
} from './non-invite-client-machine.ts';
import {
  type NonInviteServerInput,
  type NonInviteServerState,
  stepNonInviteServer,
} from './non-invite-server-machine.ts';

test('INVITE client, RFC 3261 figure 5 and RFC 6026', () => {
  const states: InviteClientState[] = ['calling', 'proceeding', 'completed', 'accepted', 'terminated'];
  const inputs: InviteClientInput[] = [
    'timer-a',
    'timer-b',
    'timer-d',
    'timer-m',
    'provisional',
    'success',
    'refusal',
    'transport-error',
  ];
  checkMachine(
    stepInviteClient,
    states,
    inputs,
    `calling timer-a -> calling: resend-request double-timer-a
     calling timer-b -> terminated: stop-timers report-timeout forget
     calling provisional -> proceeding: stop-timers pass-response
     calling success -> accepted: stop-timers start-timer-m pass-response
     calling refusal -> completed: stop-timers send-ack start-timer-d pass-response
     calling transport-error -> terminated: stop-timers report-transport-error forget
     proceeding provisional -> proceeding: pass-response
     proceeding success -> accepted: start-timer-m pass-response
     proceeding refusal -> completed: send-ack start-timer-d pass-response
     completed timer-d -> terminated: forget
     completed refusal -> completed: send-ack
     completed transport-error -> terminated: stop-timers forget
     accepted timer-m -> terminated: forget
     accepted success -> accepted: pass-response`,
  );
});

test('non-INVITE client, RFC 3261 figure 6', () => {
  const states: NonInviteClientState[] = ['trying', 'proceeding', 'completed', 'terminated'];
  const inputs: NonInviteClientInput[] = ['timer-e', 'timer-f', 'timer-k', 'provisional', 'final', 'transport-error'];
  checkMachine(
    stepNonInviteClient,
    states,
    inputs,
    `trying timer-e -> trying: resend-request double-timer-e
     trying timer-f -> terminated: stop-timers report-timeout forget
     trying provisional -> proceeding: pass-response
     trying final -> completed: stop-timers start-timer-k pass-response
     trying transport-error -> terminated: stop-timers report-transport-error forget
     proceeding timer-e -> proceeding: resend-request restart-timer-e-at-t2
     proceeding timer-f -> terminated: stop-timers report-timeout forget
     proceeding provisional -> proceeding: pass-response
     proceeding final -> completed: stop-timers start-timer-k pass-response
     proceeding transport-error -> terminated: stop-timers report-transport-error forget
     completed timer-k -> terminated: forget`,
  );
});

test('INVITE server, RFC 3261 figure 7 and RFC 6026', () => {
  const states: InviteServerState[] = ['proceeding', 'completed', 'confirmed', 'accepted', 'terminated'];
  const inputs: InviteServerInput[] = [
    'request',
    'ack',
    'send-provisional',
    'send-success',
    'send-refusal',
    'timer-g',
    'timer-h',
    'timer-i',
    'timer-l',
    'transport-error',
  ];
  checkMachine(
    stepInviteServer,
    states,
    inputs,
    `proceeding request -> proceeding: resend-response
     proceeding send-provisional -> proceeding: send-response
     proceeding send-success -> accepted: send-response start-timer-l
     proceeding send-refusal -> completed: send-response start-timer-g start-timer-h
     completed request -> completed: resend-response
     completed ack -> confirmed: stop-timers start-timer-i
     completed timer-g -> completed: resend-response double-timer-g
     completed timer-h -> terminated: stop-timers report-no-ack forget
     confirmed timer-i -> terminated: forget
     accepted ack -> accepted: pass-ack
     accepted send-success -> accepted: send-response
     accepted timer-l -> terminated: forget`,
  );
});

test('non-INVITE server, RFC 3261 figure 8', () => {
  const states: NonInviteServerState[] = ['trying', 'proceeding', 'completed', 'terminated'];
  const inputs: NonInviteServerInput[] = ['request', 'send-provisional', 'send-final', 'timer-j', 'transport-error'];
  checkMachine(
    stepNonInviteServer,
    states,
    inputs,
    `trying send-provisional -> proceeding: send-response
     trying send-final -> completed: send-response start-timer-j
     proceeding request -> proceeding: resend-response
     proceeding send-provisional -> proceeding: send-response
     proceeding send-final -> completed: send-response start-timer-j
     completed request -> completed: resend-response
     completed timer-j -> terminated: forget`,
  );
});
