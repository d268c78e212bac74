import { isIPv6 } from 'node:net';
import { type DigitWay, type DtmfMode, digitWay, hearsTones, offersEvents } from '../../call/dtmf-mode.ts';
import type { CodecName } from '../../call/engine.ts';
import type { Random } from '../../lib/random.ts';
import type { PayloadMapping, RemoteMedia } from '../../telephony/rtp/media-types.ts';
import {
  masterKeyBytes,
  type SrtpKey,
  type SrtpKeys,
  type SrtpSuiteName,
} from '../../telephony/rtp/srtp/srtp-suite.ts';
import { type EventMapping, offeredEventsFor, offeredPayloads } from './sdp-codecs.ts';
import { type CryptoAttribute, offeredSuites } from './sdp-crypto.ts';
import { type AudioDescription, readSdp } from './sdp-reader.ts';
import { answeredDirection, type LocalMedia, writeAnswer, writeOffer } from './sdp-writer.ts';

export type NegotiationOptions = {
  readonly local: LocalMedia;
  /** The codecs that may be used, in order of preference. */
  readonly codecs: readonly CodecName[];
  readonly dtmf: DtmfMode;
  /** sdes: SRTP is offered and nothing else is taken. */
  readonly encryption: 'none' | 'sdes';
  /** Of the system: keys are drawn from it. */
  readonly random: Random;
  /** Addresses that the signalling is exchanged with. */
  readonly signallingHosts: readonly string[];
};

/** `problem`: why the far side's description is not usable, in words for the record. */
export type Taken = { readonly isTaken: true } | { readonly isTaken: false; readonly problem: string };
export type Answered =
  | { readonly isTaken: true; readonly answer: string }
  | { readonly isTaken: false; readonly problem: string };

type AnsweredOffer = { readonly isTaken: true; readonly answer: string; readonly agreement: Agreement };

/** More offers than these before the answer makes no honest call. */
const maxEarlyOffers = 32;

/** What our description means by its payload types: what the far side sends with (RFC 3264 5.1). */
type OwnMapping = { readonly payloads: readonly PayloadMapping[]; readonly events: readonly EventMapping[] };

/** What is agreed on now. */
type Agreement = {
  readonly audio: AudioDescription;
  readonly keys: SrtpKeys | null;
  readonly own: OwnMapping;
  /** Whether both want RTCP on the port of RTP. */
  readonly isRtcpMux: boolean;
};

/**
 * The session descriptions of one call, ours and theirs (RFC 3264): writes offers and answers, reads theirs, and knows what is agreed on. A description
 * that is not usable changes nothing.
 *
 * Keys (RFC 4568). Each offered attribute has a fresh key of its own. When the session changes, what is agreed stays agreed, so that no packet is lost for it; but
 * where the far side changed its key, suite or address, our key is fresh too: whoever sits there now cannot know how often our sequence number has
 * wrapped under the old one (7.1.4).
 */
export class MediaNegotiation {
  readonly #options: NegotiationOptions;
  #version = 0;
  #offered: readonly CryptoAttribute[] = [];
  /** What our latest description had, offer or answer. */
  #described: readonly CryptoAttribute[] = [];
  /** Offers of forks that were answered before the call was: the fork that answers the call shows which one counts. */
  #early: Map<string, Agreement> | null = null;
  #agreed: Agreement | null = null;

  constructor(options: NegotiationOptions) {
    this.#options = options;
  }

  /** What media is to be connected to; null: nothing is agreed on yet. */
  get remote(): RemoteMedia | null {
    if (this.#agreed === null) return null;
    const { audio, keys, own, isRtcpMux } = this.#agreed;
    const ownEvents = own.events.find(({ clockRate }) => clockRate === audio.events?.clockRate) ?? own.events[0];
    const direction = answeredDirection(audio.direction);
    const rtcp = isRtcpMux ? 'mux' : audio.rtcp;
    return {
      address: audio.address,
      port: audio.port,
      ...(rtcp === null ? {} : { rtcp }),
      codec: audio.codec,
      payloadType: audio.payloadType,
      ownPayloads: own.payloads,
      eventPayloadType: audio.events?.payloadType ?? null,
      ...(ownEvents === undefined ? {} : { ownEventPayloadType: ownEvents.payloadType }),
      eventClockRate: (audio.events ?? ownEvents)?.clockRate ?? 8000,
      ptimeMs: audio.ptimeMs,
      canSend: direction === 'sendrecv' || direction === 'sendonly',
      signallingHosts: this.#options.signallingHosts,
      ...(hearsTones(this.#options.dtmf, audio.events !== null) && { hearsTones: true }),
      ...(keys === null ? {} : { srtp: keys }),
    };
  }

  /** How digits of ours leave; null: they cannot, or nothing is agreed on yet. */
  get digitWay(): DigitWay | null {
    return this.#agreed === null ? null : digitWay(this.#options.dtmf, this.#agreed.audio.events !== null);
  }

  /** Our offer: the call's first, or another one later (a far side that asks for an offer within the call), which offers what is agreed on. */
  offer(): string {
    const { local, codecs, dtmf } = this.#options;
    this.#offered = this.#keysToOffer();
    this.#described = this.#offered;
    this.#version += 1;
    const isRtcpMux = this.#agreed?.isRtcpMux ?? false;
    return writeOffer(
      local,
      { codecs, crypto: this.#offered, isRtcpMux, hasEvents: offersEvents(dtmf) },
      this.#version,
    );
  }

  /** Takes what a fork said of its media before anybody answered: to hear it. Whoever answers is taken by {@link takeAnswer}, whatever was heard before. */
  takeEarly(sdp: string): Taken {
    const early = this.#early?.get(sdp);
    if (early === undefined) return this.#take(sdp, this.#offered, this.#offeredMapping());
    this.#agreed = early;
    return { isTaken: true };
  }

  /** Takes what the fork that answered the call said last: the answer to our offer, or an offer of its own that was answered early. */
  takeAnswer(sdp: string): Taken {
    const early = this.#early?.get(sdp);
    this.#early = null;
    if (early === undefined) return this.#take(sdp, this.#offered, this.#offeredMapping());
    this.#agreed = early;
    return { isTaken: true };
  }

  /** Takes the answer of a far side that was shown our latest description once more, as an offer. */
  takeReanswer(sdp: string): Taken {
    return this.#take(sdp, this.#described, this.#agreed?.own ?? this.#offeredMapping());
  }

  #take(sdp: string, offered: readonly CryptoAttribute[], own: OwnMapping): Taken {
    const reading = this.#read(sdp);
    if (!reading.isUsable) return { isTaken: false, problem: reading.reason };
    const { audio } = reading;
    // Our first offer has no `rtcp-mux`, so that an answer that has is none of it (RFC 5761 5.1.1).
    const isRtcpMux = audio.isRtcpMux && this.#agreed?.isRtcpMux === true;
    if (this.#options.encryption === 'none') {
      this.#agreed = { audio, keys: null, own, isRtcpMux };
      return { isTaken: true };
    }
    const [chosen, ...others] = audio.crypto;
    const ours = offered.find(({ tag, key }) => tag === chosen?.tag && key.suite === chosen.key.suite);
    // RFC 4568 7.1.2: an answer has one attribute, one of those that were offered.
    if (chosen === undefined || ours === undefined || others.length > 0) {
      return { isTaken: false, problem: 'the answer takes no crypto attribute that was offered' };
    }
    this.#agreed = { audio, keys: { send: ours.key, receive: chosen.key }, own, isRtcpMux };
    return { isTaken: true };
  }

  /** Answers an offer that changes the session. */
  answer(sdp: string): Answered {
    const answered = this.#answerTo(sdp);
    if (!answered.isTaken) return answered;
    this.#agreed = answered.agreement;
    return { isTaken: true, answer: answered.answer };
  }

  /**
   * Answers an offer of a fork before the call is answered: one in response to an INVITE that had none, or an UPDATE. It counts when that fork
   * answers the call. null: it is not usable, or there were too many.
   */
  answerEarly(sdp: string): string | null {
    this.#early ??= new Map();
    const answered = this.#early.size < maxEarlyOffers ? this.#answerTo(sdp) : null;
    if (answered?.isTaken !== true) return null;
    this.#early.set(sdp, answered.agreement);
    return answered.answer;
  }

  #answerTo(sdp: string): AnsweredOffer | Exclude<Answered, { isTaken: true }> {
    const reading = this.#read(sdp);
    if (!reading.isUsable) return { isTaken: false, problem: reading.reason };
    const { audio } = reading;
    const [chosen] = audio.crypto;
    const crypto = chosen === undefined ? null : { tag: chosen.tag, key: this.#keyTowards(audio, chosen) };
    const keys = chosen === undefined || crypto === null ? null : { send: crypto.key, receive: chosen.key };
    // Our answer repeats the offer's mapping of the codec that it takes, and of events.
    const events = audio.events === null ? [] : [audio.events];
    const own = { payloads: [{ codec: audio.codec, payloadType: audio.payloadType }], events };
    this.#described = crypto === null ? [] : [crypto];
    this.#version += 1;
    const agreement = { audio, keys, own, isRtcpMux: audio.isRtcpMux };
    return {
      isTaken: true,
      agreement,
      answer: writeAnswer(this.#options.local, { remote: audio, crypto }, this.#version),
    };
  }

  #read(sdp: string): ReturnType<typeof readSdp> {
    const { local, codecs, dtmf, encryption } = this.#options;
    return readSdp(sdp, { codecs, encryption, hasEvents: offersEvents(dtmf), family: isIPv6(local.address) ? 6 : 4 });
  }

  #offeredMapping(): OwnMapping {
    const { codecs } = this.#options;
    return { payloads: offeredPayloads(codecs), events: offeredEventsFor(codecs) };
  }

  #keysToOffer(): readonly CryptoAttribute[] {
    if (this.#options.encryption === 'none') return [];
    const agreed = this.#agreed?.keys ?? null;
    if (agreed !== null) return [{ tag: 1, key: agreed.send }];
    return offeredSuites.map((suite, index) => ({ tag: index + 1, key: this.#freshKey(suite) }));
  }

  #keyTowards(audio: AudioDescription, chosen: CryptoAttribute): SrtpKey {
    const before = this.#agreed;
    const isSame =
      before?.keys?.receive.suite === chosen.key.suite &&
      Buffer.compare(before.keys.receive.masterKey, chosen.key.masterKey) === 0 &&
      before.audio.address === audio.address &&
      before.audio.port === audio.port;
    return isSame && before.keys !== null ? before.keys.send : this.#freshKey(chosen.key.suite);
  }

  #freshKey(suite: SrtpSuiteName): SrtpKey {
    return { suite, masterKey: Buffer.from(this.#options.random.hex(masterKeyBytes(suite)), 'hex') };
  }
}
