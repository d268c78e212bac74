import { test } from 'node:test';
import { checkMachine } from '../testing/check-machine.ts';
import { stepUacCall, type UacCallInput, type UacCallState } from './uac-call-machine.ts';
import { stepUasCall, type UasCallInput, type UasCallState } from './uas-call-machine.ts';

test('outgoing call, RFC 3261 sections 8.1.3.4, 9.1, 13.2, 15.1.1, 22', () => {
  const states: UacCallState[] = [
    'calling',
    'proceeding',
    'redirecting',
    'cancel-held',
    'cancelling',
    'answered',
    'hanging-up',
    'ended',
  ];
  const inputs: UacCallInput[] = [
    'provisional',
    'challenge',
    'refusal',
    'next-hop',
    'redirect',
    'located',
    'nowhere',
    'success',
    'success-again',
    'success-fork',
    'timeout',
    'transport-error',
    'hang-up',
    'patience-over',
    'remote-bye',
    'bye-done',
    'close',
  ];
  checkMachine(
    stepUacCall,
    states,
    inputs,
    `calling provisional -> proceeding: report-provisional
     calling challenge -> calling: invite-again
     calling refusal -> ended: stop-patience end-rejected
     calling next-hop -> calling: invite-next-hop
     calling redirect -> redirecting: locate-target
     calling success -> answered: accept report-answered
     calling timeout -> ended: stop-patience end-timeout
     calling transport-error -> ended: stop-patience end-transport-error
     calling hang-up -> cancel-held:
     calling close -> ended: stop-patience end-closed
     proceeding provisional -> proceeding: report-provisional
     proceeding challenge -> calling: invite-again
     proceeding refusal -> ended: stop-patience end-rejected
     proceeding next-hop -> calling: invite-next-hop
     proceeding redirect -> redirecting: locate-target
     proceeding success -> answered: accept report-answered
     proceeding timeout -> ended: stop-patience end-timeout
     proceeding transport-error -> ended: stop-patience end-transport-error
     proceeding hang-up -> cancelling: send-cancel start-patience
     proceeding close -> ended: stop-patience end-closed
     redirecting located -> calling: invite-target
     redirecting nowhere -> ended: stop-patience end-rejected
     redirecting hang-up -> ended: stop-patience end-rejected
     redirecting close -> ended: stop-patience end-closed
     cancel-held provisional -> cancelling: send-cancel start-patience
     cancel-held challenge -> ended: stop-patience end-rejected
     cancel-held refusal -> ended: stop-patience end-rejected
     cancel-held success -> hanging-up: stop-patience accept send-bye
     cancel-held timeout -> ended: stop-patience end-timeout
     cancel-held transport-error -> ended: stop-patience end-transport-error
     cancel-held close -> ended: stop-patience end-closed
     cancelling challenge -> ended: stop-patience end-rejected
     cancelling refusal -> ended: stop-patience end-rejected
     cancelling success -> hanging-up: stop-patience accept send-bye
     cancelling timeout -> ended: stop-patience end-timeout
     cancelling transport-error -> ended: stop-patience end-transport-error
     cancelling patience-over -> ended: end-timeout start-patience
     cancelling close -> ended: stop-patience end-closed
     answered success-again -> answered: ack-again
     answered success-fork -> answered: drop-fork
     answered hang-up -> hanging-up: send-bye
     answered remote-bye -> ended: end-remote-bye
     answered close -> ended: stop-patience end-closed
     hanging-up success-again -> hanging-up: ack-again
     hanging-up success-fork -> hanging-up: drop-fork
     hanging-up remote-bye -> ended: end-local-bye
     hanging-up bye-done -> ended: end-local-bye
     hanging-up close -> ended: stop-patience end-closed
     ended success -> ended: stop-patience accept send-bye
     ended success-again -> ended: ack-again
     ended success-fork -> ended: drop-fork
     ended patience-over -> ended: abandon-invite
     ended close -> ended: stop-patience`,
  );
});

test('incoming call, RFC 3261 sections 9.2, 13.3, 15', () => {
  const states: UasCallState[] = ['offered', 'accepted', 'bye-held', 'confirmed', 'hanging-up', 'ended'];
  const inputs: UasCallInput[] = [
    'answer',
    'reject',
    'cancel',
    'ack',
    'no-ack',
    'hang-up',
    'remote-bye',
    'bye-done',
    'close',
  ];
  checkMachine(
    stepUasCall,
    states,
    inputs,
    `offered answer -> accepted: send-answer
     offered reject -> ended: send-rejection end-silently
     offered cancel -> ended: send-terminated report-cancelled end-silently
     offered hang-up -> ended: send-rejection end-silently
     offered remote-bye -> ended: send-terminated report-cancelled end-silently
     offered close -> ended: stop-repeating end-closed
     accepted ack -> confirmed: stop-repeating report-acknowledged
     accepted no-ack -> ended: end-no-ack send-bye
     accepted hang-up -> bye-held:
     accepted remote-bye -> ended: stop-repeating end-remote-bye
     accepted close -> ended: stop-repeating end-closed
     bye-held ack -> hanging-up: stop-repeating report-acknowledged send-bye
     bye-held no-ack -> ended: end-no-ack send-bye
     bye-held remote-bye -> ended: stop-repeating end-local-bye
     bye-held close -> ended: stop-repeating end-closed
     confirmed hang-up -> hanging-up: send-bye
     confirmed remote-bye -> ended: end-remote-bye
     confirmed close -> ended: stop-repeating end-closed
     hanging-up remote-bye -> ended: end-local-bye
     hanging-up bye-done -> ended: end-local-bye
     hanging-up close -> ended: stop-repeating end-closed`,
  );
});
