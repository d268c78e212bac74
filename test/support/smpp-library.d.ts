/** What the tests use of the `smpp` package, which brings no types. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Server as NetServer, Socket } from 'node:net';

  export class PDU {
    constructor(command: string, options?: Readonly<Record<string, unknown>>);
    constructor(bytes: Buffer);
    readonly command: string;
    readonly command_id: number;
    readonly command_status: number;
    sequence_number: number;
    readonly system_id?: string;
    readonly password?: string;
    readonly system_type?: string;
    readonly interface_version?: number;
    readonly source_addr_ton?: number;
    readonly source_addr_npi?: number;
    readonly source_addr?: string;
    readonly dest_addr_ton?: number;
    readonly dest_addr_npi?: number;
    readonly destination_addr?: string;
    readonly esm_class?: number;
    readonly registered_delivery?: number;
    readonly data_coding?: number;
    readonly short_message?: { readonly message: string | Buffer; readonly udh?: readonly Buffer[] };
    readonly sar_msg_ref_num?: number;
    readonly sar_total_segments?: number;
    readonly sar_segment_seqnum?: number;
    readonly message_id?: string;
    toBuffer(): Buffer;
    isResponse(): boolean;
    response(options?: Readonly<Record<string, unknown>>): PDU;
  }

  export class Session extends EventEmitter {
    readonly socket: Socket;
    send(pdu: PDU, onResponse?: (pdu: PDU) => void): boolean;
    submit_sm(options: Readonly<Record<string, unknown>>, onResponse?: (pdu: PDU) => void): boolean;
    deliver_sm(options: Readonly<Record<string, unknown>>, onResponse?: (pdu: PDU) => void): boolean;
    enquire_link(onResponse?: (pdu: PDU) => void): boolean;
    unbind(onResponse?: (pdu: PDU) => void): boolean;
    bind_transceiver(options: Readonly<Record<string, unknown>>, onResponse?: (pdu: PDU) => void): boolean;
    close(): void;
    destroy(): void;
  }

  export function createServer(
    options: Readonly<Record<string, unknown>>,
    onSession: (session: Session) => void,
  ): NetServer;

  export function connect(options: Readonly<Record<string, unknown>>, onConnected?: () => void): Session;
}
