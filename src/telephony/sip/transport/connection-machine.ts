/**
 * A TCP or TLS connection: RFC 3261 section 18, kept alive after RFC 5626 sections 3.5.1 and 4.4.1 (a ping is an empty line twice, a pong once).
 *
 *        we connect                                          they connect
 *            V                                                    V
 *     +------------+                                       +-------------+  ping: pong sent
 *     | connecting |---- refused, lost, no answer ---+     |  accepted   |---+
 *     +------------+                                 |     |             |<--+
 *            | connected: what waited is sent        |     +-------------+
 *            V                                       |       |pong   ^ pong: pong sent (a ping in two pieces),
 *     +------------+                                 |       V       | or a message
 *     |    open    |                                 |     +-------------+
 *     +------------+                                 |     | half-pinged |
 *            | keepalive due: ping sent              |     +-------------+
 *            V                                       |              |
 *     +------------+   no pong    +------+           |              |
 *     |  probing   |------------->| mute |--+ due:   |              |
 *     +------------+              |      |<-+ ping   |              |
 *            | pong               +------+           |              |
 *            V          pong         |               |              |
 *     +------------+<----------------+               |              |
 *     |    kept    |                                 |              |
 *     +------------+<---+                            |              |
 *            | due:     | pong, or a message         |              |
 *            V ping     |                            |              |
 *     +------------+----+                            V              V
 *     |  awaiting  |---- no pong ---------------> +--------------------+
 *     +------------+                              |       closed       |
 *                                                 +--------------------+
 *
 * connecting: TCP, and TLS where it is meant, is being set up. What is to be sent waits, and fails together when nothing comes of it.
 * open: messages go both ways. It is not known whether the far side answers pings.
 * probing: the first ping is out.
 * mute: the far side did not answer it. Deviation: RFC 5626 would take the connection for dead, but it asks pings of those alone who said that they
 * answer them, and we ping everybody. Pings go on, for they keep a NAT's mapping; a dead far side is told by requests that nobody answers.
 * kept: pings are answered.
 * awaiting: a ping is out to a far side that answers them. Whatever it sends proves that it lives; silence proves that it does not.
 * accepted, half-pinged: the far side connected and does the pinging. Its ping may come in two pieces.
 * closed: forgotten. Whoever waited was told; the next request makes a new connection.
 *
 * In every state but the last: the connection is lost, the far side sends what is no SIP or leaves a message unfinished, nothing was said for long,
 * requests went unanswered, or the endpoint closes: closed.
 */
export type ConnectionState =
  | 'connecting'
  | 'open'
  | 'probing'
  | 'mute'
  | 'kept'
  | 'awaiting'
  | 'accepted'
  | 'half-pinged'
  | 'closed';

export type ConnectionInput = 'connected' | 'keepalive-due' | 'pong-overdue' | 'ping' | 'pong' | 'message' | 'end';

export type ConnectionAction =
  | 'send-waiting'
  | 'send-ping'
  | 'send-pong'
  | 'start-keepalive'
  | 'start-pong-timer'
  | 'stop-pong-timer'
  | 'close';

export type ConnectionStep = { readonly state: ConnectionState; readonly actions: readonly ConnectionAction[] };

/** Who connects starts as `connecting`, who is connected to as `accepted`. */
export const connectionStart = { outgoing: 'connecting', incoming: 'accepted' } as const satisfies Record<
  string,
  ConnectionState
>;

const to = (state: ConnectionState, ...actions: ConnectionAction[]): ConnectionStep => ({ state, actions });

/** Without consequence in this state, or a timer that the state has outrun. */
const ignoredIn = to;

const ended = to('closed', 'close');

const table: Record<ConnectionState, Record<ConnectionInput, ConnectionStep>> = {
  connecting: {
    connected: to('open', 'send-waiting', 'start-keepalive'),
    'keepalive-due': ignoredIn('connecting'),
    'pong-overdue': ignoredIn('connecting'),
    ping: ignoredIn('connecting'),
    pong: ignoredIn('connecting'),
    message: ignoredIn('connecting'),
    end: ended,
  },
  open: {
    connected: ignoredIn('open'),
    'keepalive-due': to('probing', 'send-ping', 'start-pong-timer'),
    'pong-overdue': ignoredIn('open'),
    ping: to('open', 'send-pong'),
    // Nobody asked for it, so it proves nothing.
    pong: ignoredIn('open'),
    message: ignoredIn('open'),
    end: ended,
  },
  probing: {
    connected: ignoredIn('probing'),
    'keepalive-due': ignoredIn('probing'),
    'pong-overdue': to('mute', 'start-keepalive'),
    ping: to('probing', 'send-pong'),
    pong: to('kept', 'stop-pong-timer', 'start-keepalive'),
    message: ignoredIn('probing'),
    end: ended,
  },
  mute: {
    connected: ignoredIn('mute'),
    'keepalive-due': to('mute', 'send-ping', 'start-keepalive'),
    'pong-overdue': ignoredIn('mute'),
    ping: to('mute', 'send-pong'),
    pong: to('kept'),
    message: ignoredIn('mute'),
    end: ended,
  },
  kept: {
    connected: ignoredIn('kept'),
    'keepalive-due': to('awaiting', 'send-ping', 'start-pong-timer'),
    'pong-overdue': ignoredIn('kept'),
    ping: to('kept', 'send-pong'),
    pong: ignoredIn('kept'),
    message: ignoredIn('kept'),
    end: ended,
  },
  awaiting: {
    connected: ignoredIn('awaiting'),
    'keepalive-due': ignoredIn('awaiting'),
    'pong-overdue': ended,
    ping: to('kept', 'stop-pong-timer', 'send-pong', 'start-keepalive'),
    pong: to('kept', 'stop-pong-timer', 'start-keepalive'),
    message: to('kept', 'stop-pong-timer', 'start-keepalive'),
    end: ended,
  },
  accepted: {
    connected: ignoredIn('accepted'),
    'keepalive-due': ignoredIn('accepted'),
    'pong-overdue': ignoredIn('accepted'),
    ping: to('accepted', 'send-pong'),
    pong: to('half-pinged'),
    message: ignoredIn('accepted'),
    end: ended,
  },
  'half-pinged': {
    connected: ignoredIn('half-pinged'),
    'keepalive-due': ignoredIn('half-pinged'),
    'pong-overdue': ignoredIn('half-pinged'),
    ping: to('half-pinged', 'send-pong'),
    pong: to('accepted', 'send-pong'),
    message: to('accepted'),
    end: ended,
  },
  closed: {
    connected: ignoredIn('closed'),
    'keepalive-due': ignoredIn('closed'),
    'pong-overdue': ignoredIn('closed'),
    ping: ignoredIn('closed'),
    pong: ignoredIn('closed'),
    message: ignoredIn('closed'),
    end: ignoredIn('closed'),
  },
};

export function stepConnection(state: ConnectionState, input: ConnectionInput): ConnectionStep {
  return table[state][input];
}
