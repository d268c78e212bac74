import { test } from 'node:test';
import { checkMachine } from '../testing/check-machine.ts';
import { type ConnectionInput, type ConnectionState, stepConnection } from './connection-machine.ts';

const states: ConnectionState[] = [
  'connecting',
  'open',
  'probing',
  'mute',
  'kept',
  'awaiting',
  'accepted',
  'half-pinged',
  'closed',
];
const inputs: ConnectionInput[] = ['connected', 'keepalive-due', 'pong-overdue', 'ping', 'pong', 'message', 'end'];

test('a connection, RFC 3261 section 18 and RFC 5626', () => {
  checkMachine(
    stepConnection,
    states,
    inputs,
    `connecting connected -> open: send-waiting start-keepalive
     connecting end -> closed: close
     open keepalive-due -> probing: send-ping start-pong-timer
     open ping -> open: send-pong
     open end -> closed: close
     probing pong-overdue -> mute: start-keepalive
     probing ping -> probing: send-pong
     probing pong -> kept: stop-pong-timer start-keepalive
     probing end -> closed: close
     mute keepalive-due -> mute: send-ping start-keepalive
     mute ping -> mute: send-pong
     mute pong -> kept:
     mute end -> closed: close
     kept keepalive-due -> awaiting: send-ping start-pong-timer
     kept ping -> kept: send-pong
     kept end -> closed: close
     awaiting pong-overdue -> closed: close
     awaiting ping -> kept: stop-pong-timer send-pong start-keepalive
     awaiting pong -> kept: stop-pong-timer start-keepalive
     awaiting message -> kept: stop-pong-timer start-keepalive
     awaiting end -> closed: close
     accepted ping -> accepted: send-pong
     accepted pong -> half-pinged:
     accepted end -> closed: close
     half-pinged ping -> half-pinged: send-pong
     half-pinged pong -> accepted: send-pong
     half-pinged message -> accepted:
     half-pinged end -> closed: close`,
  );
});
