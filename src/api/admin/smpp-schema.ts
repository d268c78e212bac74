import { Type } from 'typebox';
import { smppDefaults } from '../../sms/smpp/smpp-settings.ts';
import { closed, oneOf, orNull } from './schema.ts';

const ascii = '^[\\x21-\\x7e]*$';
const octet = (description: string) => Type.Integer({ minimum: 0, maximum: 255, description });
const seconds = (maximum: number, description: string) => Type.Integer({ minimum: 1, maximum, description });

/** Where the carrier is, and who we are there. */
const account = {
  host: Type.String({
    minLength: 1,
    maxLength: 255,
    description: "name or address of the carrier's SMPP server",
    examples: ['smpp.example.com'],
  }),
  port: Type.Integer({ minimum: 1, maximum: 65_535, examples: [2775] }),
  systemId: Type.String({ minLength: 1, maxLength: 15, pattern: ascii, description: 'the account' }),
};

/** What there is a default for. */
const manners = {
  tls: orNull(
    Type.Object(
      {
        isVerified: Type.Boolean({ description: "check the carrier's certificate" }),
        caCertificates: orNull(
          Type.String({ maxLength: 65_536, description: 'whom to trust, PEM; null: whom the system trusts' }),
        ),
      },
      { ...closed, description: 'null: plain TCP' },
    ),
  ),
  systemType: Type.String({ maxLength: 12, pattern: ascii, description: 'mostly empty' }),
  bindMode: oneOf(['transceiver', 'pair'], 'pair: a transmitter and a receiver'),
  binds: Type.Integer({ minimum: 1, maximum: 10, description: 'connections, or pairs of them, at once' }),
  window: Type.Integer({
    minimum: 1,
    maximum: 1000,
    description: 'messages without an answer on one connection, at most',
  }),
  charset: oneOf(
    ['gsm7', 'gsm7-packed', 'latin1'],
    'of texts that fit it; others go as UCS-2. gsm7: a septet in each octet',
  ),
  concatenation: oneOf(['udh', 'sar'], 'how parts are marked: by a header in the text, or by parameters beside it'),
  idFormat: oneOf(
    ['same', 'hex-to-dec', 'dec-to-hex'],
    'how ids differ between the answer to a message and its receipt',
  ),
  receiptUtcOffsetMin: orNull(
    Type.Integer({
      minimum: -720,
      maximum: 840,
      description: "what the clock of the carrier's receipts is ahead of UTC, min; null: their time is not read",
    }),
  ),
  wantsReceipts: Type.Boolean({ description: 'ask for receipts' }),
  sourceTon: orNull(octet("type of the sender's number; null: by what it looks like")),
  sourceNpi: orNull(octet('its numbering plan; null: by what it looks like')),
  destinationTon: octet("type of the recipient's number"),
  destinationNpi: octet('its numbering plan'),
  enquireLinkS: seconds(3600, 'silence after which the carrier is asked whether it is there, s'),
  responseTimeoutS: seconds(600, 'what an answer may take, s; a message without one is unknown'),
};

/** The password is written and never shown. */
const secrets = {
  password: Type.String({ minLength: 1, maxLength: 64, pattern: ascii, description: 'SMPP has room for 8 characters' }),
};

/** Settings of an SMPP channel as they are shown. */
export const smppSettings = { ...account, ...manners };

/** As they are given for a new channel: what there is a default for may be left out. */
export const newSmppSettings = {
  ...account,
  ...secrets,
  ...Type.Partial(Type.Object(withDefaults(manners))).properties,
};

/** As they are changed, one by one. */
export const smppSettingsChange = Type.Partial(Type.Object({ ...account, ...secrets, ...manners })).properties;

/** Only said in the description: a change that leaves a field out must not set it. */
function withDefaults(fields: typeof manners): typeof manners {
  const defaults: Readonly<Record<string, unknown>> = smppDefaults;
  const entries = Object.entries(fields).map(([name, schema]) => [name, { ...schema, default: defaults[name] }]);
  return Object.fromEntries(entries) as typeof manners;
}
