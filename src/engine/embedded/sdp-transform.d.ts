/** The part of sdp-transform 3 that is used here; the package carries no types of its own. Absent lines are absent keys. */
declare module 'sdp-transform' {
  export type ParsedDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

  export type ParsedConnection = { version?: number; ip?: string };

  export type ParsedMedia = {
    type: string;
    port: number;
    protocol: string;
    /** A number when the line holds one payload type only. */
    payloads?: string | number;
    connection?: ParsedConnection;
    direction?: ParsedDirection;
    ptime?: number;
    maxptime?: number;
    /** `a=rtcp:` with its address, where it has one. */
    rtcp?: { port: number; address?: string };
    rtcpMux?: string;
    rtp: { payload: number; codec: string; rate?: number }[];
    fmtp: { payload: number; config: string }[];
  };

  export type ParsedSession = {
    connection?: ParsedConnection;
    direction?: ParsedDirection;
    media: ParsedMedia[];
  };

  /** Never throws: lines that are no SDP are dropped. */
  export function parse(text: string): ParsedSession;
}
