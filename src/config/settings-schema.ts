import { type Static, Type } from 'typebox';

/** One address, or two; what it cannot say is checked in `load-config.ts`. */
const addressListPattern = '^[0-9a-fA-F.:]+(\\s*,\\s*[0-9a-fA-F.:]+)?$';

/**
 * Every setting there is: the environment variable's name, its type and limits, its default and what it means. Types, checks and
 * `docs/configuration.md` come from here. A setting without a default may stay unset; `unset` says what happens then, and `expected`
 * words what a pattern means.
 */
export const settingsSchema = Type.Object({
  DATABASE_URL: Type.Optional(
    Type.String({
      pattern: '^postgres(ql)?://',
      expected: 'a PostgreSQL URL such as postgres://user:password@host:5432/database',
      unset: 'an embedded PostgreSQL is started, with its data in `CARILLON_DATA_DIR`',
      description: 'The PostgreSQL (15 or later) that holds all state.',
    }),
  ),
  CARILLON_DATA_DIR: Type.String({
    default: './data',
    minLength: 1,
    description:
      'Folder for what this installation keeps on disk: the embedded PostgreSQL and the generated admin token.',
  }),
  CARILLON_HTTP_HOST: Type.String({
    default: '0.0.0.0',
    minLength: 1,
    description: 'Address that the HTTP server listens on; `127.0.0.1` behind a reverse proxy on the same machine.',
  }),
  CARILLON_HTTP_PORT: Type.Integer({
    default: 8080,
    minimum: 0,
    maximum: 65535,
    description: 'TCP port of the HTTP server; 0 takes any free one.',
  }),
  CARILLON_TRUSTED_PROXIES: Type.Optional(
    Type.String({
      pattern: '^\\s*[0-9a-fA-F.:]+(/\\d{1,3})?(\\s*,\\s*[0-9a-fA-F.:]+(/\\d{1,3})?)*\\s*$',
      expected: 'addresses or networks separated by commas, such as 127.0.0.1,10.0.0.0/8',
      unset: 'none: the address of the connection counts',
      description: "Reverse proxies whose `X-Forwarded-For` is believed, for the accounts' address lists.",
    }),
  ),
  CARILLON_ADMIN_TOKEN: Type.Optional(
    Type.String({
      pattern: '^\\S{16,}$',
      expected: 'at least 16 characters without spaces',
      unset: 'one is generated at the first start, printed once and kept in `CARILLON_DATA_DIR/admin-token`',
      description: 'Bearer token of the admin API.',
    }),
  ),
  CARILLON_PUBLIC_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s/?#]+(/[^\\s?#]*)?$',
      expected: 'the address of the HTTP server as its clients write it, such as https://calls.example.com',
      unset: 'the host that the request was sent to',
      description: 'What links to recordings begin with.',
    }),
  ),
  CARILLON_SIP_HOST: Type.Optional(
    Type.String({
      pattern: addressListPattern,
      expected:
        "an IPv4 address of this machine, an IPv6 address of it, or both, separated by a comma (not 0.0.0.0 and not ::, for they go into SIP messages, where they tell the carrier's side where to answer)",
      unset: "this machine's first address that is not a loopback one, else 127.0.0.1",
      description:
        'Address for SIP, or one of each family: listened on, and given to the far side unless `CARILLON_SIP_PUBLIC_HOST` is.',
    }),
  ),
  CARILLON_SIP_PORT: Type.Integer({
    default: 5060,
    minimum: 0,
    maximum: 65535,
    description: 'Port for SIP over UDP and over TCP; 0 takes any that is free for both.',
  }),
  CARILLON_SIP_PUBLIC_HOST: Type.Optional(
    Type.String({
      pattern: addressListPattern,
      expected:
        'an IPv4 address, an IPv6 address, or both, separated by a comma, each of a family that `CARILLON_SIP_HOST` has',
      unset: 'the address for SIP',
      description:
        'Address that the far side reaches us at for SIP, where that is another: behind a NAT that passes the ports on. A carrier that sees another one than we say is logged (`sip peer sees us at another address than we say`).',
    }),
  ),
  CARILLON_SIP_TLS_CERT: Type.Optional(
    Type.String({
      minLength: 1,
      expected: 'the path of a PEM file',
      unset: 'SIP over TLS is not listened for; trunks over TLS work all the same, over connections that we make',
      description:
        'PEM file with the certificate, and those that sign it, which is shown to carriers who connect to us over TLS. Read when a dialer starts.',
    }),
  ),
  CARILLON_SIP_TLS_KEY: Type.Optional(
    Type.String({
      minLength: 1,
      expected: 'the path of a PEM file',
      unset: 'SIP over TLS is not listened for',
      description: 'PEM file with the key of `CARILLON_SIP_TLS_CERT`, without a password.',
    }),
  ),
  CARILLON_SIP_TLS_PORT: Type.Integer({
    default: 5061,
    minimum: 0,
    maximum: 65535,
    description: 'Port for SIP over TLS, where there is a certificate; 0 takes any free one.',
  }),
  CARILLON_DNS_SERVERS: Type.Optional(
    Type.String({
      pattern: '^[\\s\\da-fA-F.:,[\\]]+$',
      expected: 'addresses separated by commas, each with a port or without, such as 192.0.2.53,[2001:db8::53]:5353',
      unset:
        'those of the system (`/etc/resolv.conf`); names that they do not know are looked up by whatever else the system has',
      description:
        "DNS servers that are asked for the trunks' names. They must be recursive. Names in `/etc/hosts` are not asked for.",
    }),
  ),
  CARILLON_RTP_HOST: Type.Optional(
    Type.String({
      pattern: addressListPattern,
      expected:
        'an IPv4 address of this machine, an IPv6 address of it, or both, separated by a comma (not 0.0.0.0 and not ::, for they go into SDP, where they tell the far side where to send audio)',
      unset: 'the address for SIP',
      description:
        'Address for audio, or one of each family: listened on, and given to the far side unless `CARILLON_RTP_PUBLIC_HOST` is. A call has its audio in the family that its SIP goes in, where there is an address of it.',
    }),
  ),
  CARILLON_RTP_PUBLIC_HOST: Type.Optional(
    Type.String({
      pattern: addressListPattern,
      expected:
        'an IPv4 address, an IPv6 address, or both, separated by a comma, each of a family that `CARILLON_RTP_HOST` has',
      unset: 'the address for audio',
      description:
        'Address that the far side sends audio to, where that is another than `CARILLON_RTP_HOST`: behind a NAT that passes `CARILLON_RTP_PORTS` on, each to the same port.',
    }),
  ),
  CARILLON_RTP_PORTS: Type.String({
    default: '20000-29999',
    pattern: '^\\d{1,5}-\\d{1,5}$',
    expected: 'two port numbers between 1024 and 65535, the lower one first, such as 20000-29999',
    description: 'UDP ports for audio, two a call. Open them in the firewall.',
  }),
  CARILLON_MEDIA_THREADS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 64,
      unset: 'one less than the machine has cores, but not more than one for 2000 of `CARILLON_RTP_PORTS`; at least 1',
      description: 'Threads that send and receive audio.',
    }),
  ),
  CARILLON_RECORDING_STORE: Type.String({
    default: 'file',
    pattern: '^(file|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)$',
    expected: '`file`, or `s3://` and a bucket, with a prefix or without, such as s3://recordings/carillon',
    description:
      'Where recordings of calls are kept: in files below `CARILLON_DATA_DIR`, which dialers and api processes must share then, or in a bucket of a server that speaks S3. What was recorded before a change stays where it is, and is found there as long as that is set up.',
  }),
  CARILLON_S3_ENDPOINT: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s/?#]+/?$',
      expected: 'scheme and host, with a port or without, such as https://s3.example.com:9000',
      unset: 'that of AWS in `CARILLON_S3_REGION`',
      description: 'The server of the S3 bucket.',
    }),
  ),
  CARILLON_S3_REGION: Type.String({
    default: 'us-east-1',
    pattern: '^[a-z0-9-]+$',
    expected: 'the name of a region, such as eu-central-1',
    description: 'Region of the S3 bucket; servers other than those of AWS mostly do not mind.',
  }),
  CARILLON_S3_ACCESS_KEY: Type.Optional(
    Type.String({ minLength: 1, unset: 'no bucket can be used', description: 'Access key id for the S3 bucket.' }),
  ),
  CARILLON_S3_SECRET_KEY: Type.Optional(
    Type.String({ minLength: 1, unset: 'no bucket can be used', description: 'Secret access key for the S3 bucket.' }),
  ),
  CARILLON_S3_ADDRESSING: Type.Union([Type.Literal('path'), Type.Literal('host')], {
    default: 'path',
    description: "Whether the S3 bucket's name stands in the path of a URL or in front of its host name.",
  }),
  CARILLON_RECORDING_SPOOL_MB: Type.Integer({
    default: 10_240,
    minimum: 1,
    maximum: 10_000_000,
    description:
      'How much recorded audio may wait in `CARILLON_DATA_DIR` for being stored, in MB. Above it, and where the disk has less than `CARILLON_RECORDING_FREE_MB` left, calls go on without being recorded, and their records say so.',
  }),
  CARILLON_RECORDING_FREE_MB: Type.Integer({
    default: 1024,
    minimum: 0,
    maximum: 10_000_000,
    description: 'How much of the disk of `CARILLON_DATA_DIR` recordings leave free, in MB.',
  }),
  CARILLON_RECORDING_LINK_S: Type.Integer({
    default: 3600,
    minimum: 10,
    maximum: 604_800,
    description: 'How long a link to a recording works, in seconds.',
  }),
  CARILLON_REPORT_NETWORKS: Type.Optional(
    Type.String({
      pattern: '^[\\s\\da-fA-F.:,/]+$',
      expected: 'addresses or networks separated by commas, such as 10.20.0.0/16,127.0.0.1',
      unset: 'public addresses only',
      description:
        'Networks that reports may be sent to besides public addresses: those of an operator who has receivers on networks of their own. Nobody who names a report URL reaches anything else there.',
    }),
  ),
  CARILLON_REPORT_MINUTE_MS: Type.Integer({
    default: 60_000,
    minimum: 10,
    maximum: 60_000,
    description: 'How long a minute between two tries of a report lasts, in milliseconds. Shortened by the tests only.',
  }),
  CARILLON_RECORD_DAYS: Type.Integer({
    default: 62,
    minimum: 1,
    maximum: 3650,
    description:
      'How long calls are kept, with their records, callees, traces and reports, in days: two months. They go by the day of their task, once all of its calls are so old. Recordings are kept as long as their account says.',
  }),
  CARILLON_TASK_DAYS: Type.Integer({
    default: 366,
    minimum: 1,
    maximum: 36_500,
    description:
      'How long tasks are kept, with their counters and recall flows, in days; not shorter than `CARILLON_RECORD_DAYS`.',
  }),
  CARILLON_GOOGLE_CREDENTIALS: Type.Optional(
    Type.String({
      minLength: 1,
      expected: 'the path of a JSON key file',
      unset: 'Google does not speak here; every account has espeak-ng',
      description:
        "JSON key file of a Google Cloud service account that may use Text-to-Speech, for accounts whose `speechProvider` is `google`. Every process needs it: the api's speak a task's text, the dialers' each callee's.",
    }),
  ),
  CARILLON_GOOGLE_ENDPOINT: Type.String({
    default: 'https://texttospeech.googleapis.com',
    pattern: '^https?://[^/?#]+/?$',
    expected: 'an address without a path, such as https://eu-texttospeech.googleapis.com',
    description: "Google's Text-to-Speech, or that of one region, so that texts do not leave it.",
  }),
  CARILLON_DRAIN_S: Type.Integer({
    default: 60,
    minimum: 0,
    maximum: 3600,
    description:
      'How long calls in progress may go on when a dialer is stopped, in seconds; those left are hung up then.',
  }),
  CARILLON_LOG_LEVEL: Type.Union(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'].map((level) => Type.Literal(level)),
    {
      default: 'info',
      description: 'What is logged, as JSON lines on standard output. Phone numbers are masked above `debug`.',
    },
  ),
  CARILLON_RECALL_MINUTE_MS: Type.Integer({
    default: 60_000,
    minimum: 10,
    maximum: 60_000,
    description:
      'How long a minute of `recallInterval` lasts, in milliseconds. Shortened by the demo and the tests only.',
  }),
});

export type Settings = Static<typeof settingsSchema>;
