import type { DialRequest, DigitSource, Leg, LegObserver, TrunkTarget } from '../../call/engine.ts';
import type { LegRecording } from '../../call/leg-recording.ts';
import type { CallTrace } from '../../call/trace.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { assert, assertNever, messageOf } from '../../lib/errors.ts';
import { type Logger, maskNumber } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import type { MediaEvent, MediaService, MediaSession } from '../../telephony/rtp/media-types.ts';
import { eventOfDigit } from '../../telephony/rtp/telephone-event.ts';
import type { Hop, OutgoingCall, OutgoingCallEvent, SipEndpoint } from '../../telephony/sip/endpoint-types.ts';
import { uriHost } from '../../telephony/sip/message/sip-uri.ts';
import { canonicalAddress } from '../../telephony/sip/transport/ip-address.ts';
import { audioAddressFor } from './audio-address.ts';
import { callerIdentity } from './caller-identity.ts';
import { type KeyTones, keyTonePrompt } from './key-tones.ts';
import { initialLegState, type LegAction, type LegInput, type LegState, stepLeg } from './leg-machine.ts';
import { legMediaOf } from './leg-media.ts';
import { connectionOf, figuresOf, hopsOf, noteOf, sentKeysOf, tapOf } from './leg-trace.ts';
import { MediaNegotiation } from './media-negotiation.ts';
import { firstUriOf, numberUri } from './signalling-route.ts';
import { credentialsOf } from './trunk-credentials.ts';
import { redirectionOf } from './trunk-redirection.ts';

/** What all legs of an engine share. */
export type LegContext = {
  readonly endpoint: SipEndpoint;
  readonly media: MediaService;
  readonly keyTones: KeyTones;
  /** Where a URI of a trunk leads, best first; rejects with the reason when nowhere. */
  readonly locate: (uri: string, trunk: TrunkTarget) => Promise<readonly Hop[]>;
  /** The Route values that requests to a trunk carry. */
  readonly routesOf: (trunk: TrunkTarget) => readonly string[];
  readonly clock: Clock;
  /** Of the system: SRTP keys are drawn from it. */
  readonly random: Random;
  readonly logger: Logger;
  /** The addresses that the far side may send RTP to, one of a family; the preferred first. */
  readonly rtpHosts: readonly string[];
  /** A session id that no other description of this process has (RFC 4566 5.2). */
  readonly nextSessionId: () => number;
};

/** As long as a key is held that a person presses quickly. */
const sentDigitMs = 100;

/** The shell around {@link stepLeg}: turns what SIP and media report into inputs, and actions into calls on them. */
export class EmbeddedLeg implements Leg {
  readonly #context: LegContext;
  readonly #request: DialRequest;
  readonly #observer: LegObserver;
  readonly #trace: CallTrace | null;
  readonly #inputs: LegInput[] = [];
  #state: LegState = initialLegState;
  #isStepping = false;
  #routes: readonly string[] = [];
  #hops: readonly Hop[] = [];
  #call: OutgoingCall | null = null;
  #media: MediaSession | null = null;
  #negotiation: MediaNegotiation | null = null;
  #ringTimer: Timer | null = null;

  constructor(context: LegContext, request: DialRequest, observer: LegObserver) {
    this.#context = context;
    this.#request = request;
    this.#observer = observer;
    this.#trace = request.trace ?? null;
    void this.#open();
  }

  play(promptKey: string, loopCount: number): void {
    if (this.#state.phase !== 'answered') return;
    this.#trace?.note('media', `plays prompt ${promptKey}, ${loopCount}x`);
    this.#media?.play(promptKey, loopCount);
  }

  stopPlay(): void {
    if (this.#state.phase === 'answered') this.#media?.stopPlay();
  }

  sendDigits(digits: string): void {
    for (const digit of digits) assert(eventOfDigit(digit) !== null, 'digits are 0-9 * # A-D');
    if (this.#state.phase !== 'answered' || digits === '') return;
    const way = this.#negotiation?.digitWay ?? null;
    this.#trace?.note('digit', sentKeysOf(digits.length, way));
    switch (way) {
      case 'event':
        for (const digit of digits) this.#media?.sendDigit(digit, sentDigitMs);
        return;
      case 'info':
        for (const digit of digits) this.#call?.sendInfoDigit(digit.toUpperCase(), sentDigitMs);
        return;
      case 'tones':
        void this.#playTones(digits);
        return;
      case null:
        return;
    }
  }

  record(file: string): Promise<LegRecording> {
    if (this.#state.phase !== 'answered' || this.#media === null) {
      return Promise.resolve({ isKept: false, problem: 'the call was over' });
    }
    this.#trace?.note('media', 'is recorded');
    return this.#media.record(file);
  }

  hangUp(): void {
    this.#input({ type: 'hang-up' });
  }

  /** Hangs up because the process is stopping. */
  close(): void {
    this.#input({ type: 'close' });
  }

  async #open(): Promise<void> {
    // After a turn of the event loop at the earliest, so that nothing is observed before `dial` has returned.
    const { trunk } = this.#request;
    try {
      this.#routes = this.#context.routesOf(trunk);
      this.#hops = await this.#context.locate(firstUriOf(trunk, this.#routes), trunk);
    } catch (error) {
      this.#input({ type: 'open-failed', cause: 'transport-error', reason: messageOf(error) });
      return;
    }
    try {
      const { address, family } = audioAddressFor(this.#hops, this.#context.rtpHosts);
      this.#media = await this.#context.media.open((event) => this.#onMedia(event), { family });
      this.#negotiation = this.#negotiate({ address, port: this.#media.localPort });
    } catch (error) {
      this.#input({ type: 'open-failed', cause: 'internal-error', reason: messageOf(error) });
      return;
    }
    this.#input({ type: 'opened' });
  }

  /** Inputs that come up while one is being worked off wait, so that an observer may call back into the leg. */
  #input(input: LegInput): void {
    this.#inputs.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      const { state, actions } = stepLeg(this.#state, next);
      this.#state = state;
      for (const action of actions) this.#run(action);
    }
    this.#isStepping = false;
  }

  #run(action: LegAction): void {
    switch (action.type) {
      case 'send-invite':
        this.#sendInvite();
        return;
      case 'start-ring-timer':
        this.#ringTimer = this.#context.clock.setTimer(
          () => this.#input({ type: 'ring-timeout' }),
          this.#request.ringTimeoutMs,
        );
        return;
      case 'cancel-ring-timer':
        this.#ringTimer?.cancel();
        return;
      case 'connect-media':
        this.#connectMedia();
        if (this.#request.detectsMachine) this.#media?.detectMachine('answered');
        return;
      case 'hang-up-sip':
        this.#call?.hangUp();
        return;
      case 'close-media':
        void this.#closeMedia();
        return;
      case 'observe':
        this.#observer(action.event);
        return;
      default:
        assertNever(action);
    }
  }

  #sendInvite(): void {
    const { trunk, number, sipCallId, displayNum } = this.#request;
    const { endpoint } = this.#context;
    const [firstHop] = this.#hops;
    if (this.#negotiation === null || firstHop === undefined) return;
    const sipHost = uriHost(endpoint.addressFor(firstHop).address);
    this.#trace?.note('hop', hopsOf(this.#hops));
    const redirection = redirectionOf(trunk, this.#context.locate);
    this.#call = endpoint.invite(
      {
        hops: this.#hops,
        routes: this.#routes,
        targetUri: numberUri(trunk, number),
        ...callerIdentity(trunk, displayNum, sipHost),
        sipCallId: `${sipCallId}@${sipHost}`,
        offer: trunk.offer === 'late' ? null : this.#negotiation.offer(),
        credentials: credentialsOf(trunk),
        ...(redirection !== null && { redirection }),
        ...(trunk.sessionExpiresS !== null && { sessionExpiresS: trunk.sessionExpiresS }),
        ...(this.#trace !== null && { tap: tapOf(this.#trace) }),
      },
      (event) => this.#onSip(event),
    );
  }

  #negotiate(local: { address: string; port: number }): MediaNegotiation {
    const { random, nextSessionId } = this.#context;
    const { codecs, dtmf, mediaEncryption } = this.#request.trunk;
    return new MediaNegotiation({
      local: { ...local, sessionId: nextSessionId() },
      codecs,
      dtmf,
      encryption: mediaEncryption,
      random,
      signallingHosts: this.#hops.map((hop) => canonicalAddress(hop.address)),
    });
  }

  #onSip(event: OutgoingCallEvent): void {
    switch (event.type) {
      case 'trying':
        this.#input({ type: 'trying' });
        return;
      case 'provisional':
        this.#input({ type: 'provisional', status: event.status, hasSdp: event.sdp !== null });
        if (event.sdp !== null) this.#listenEarly(event.sdp);
        return;
      case 'answered':
        this.#onAnswered(event.status, event.sdp);
        return;
      case 'info-digit':
        this.#trace?.note('digit', 'a key by SIP INFO');
        this.#digit(event.digit, 'sip-info');
        return;
      case 'offer':
        event.answer(this.#answerOffer(event.sdp));
        return;
      case 'reanswer':
        this.#onReanswer(event.sdp);
        return;
      case 'ended':
        this.#input({ type: 'sip-ended', end: event.end });
        return;
      default:
        assertNever(event);
    }
  }

  /** Audio before the answer is of use only where somebody listens for what the network says. */
  #listenEarly(sdp: string): void {
    const { phase } = this.#state;
    if (!this.#request.detectsMachine || (phase !== 'dialing' && phase !== 'ringing')) return;
    if (this.#negotiation?.takeEarly(sdp).isTaken !== true) return;
    this.#connectMedia();
    this.#media?.detectMachine('early');
  }

  #onAnswered(status: number, sdp: string | null): void {
    if (sdp === null) {
      this.#input({ type: 'answered', status, problem: 'answer without a session description' });
      return;
    }
    const taken = this.#negotiation?.takeAnswer(sdp);
    this.#input({ type: 'answered', status, problem: taken?.isTaken === false ? taken.problem : null });
  }

  /**
   * The far side's offer: the first of a call that we began without one, or (RFC 3264 8) a hold, another address, another codec. What cannot be
   * used is refused, and a session that there was stays as it was (RFC 3261 14.2).
   */
  #answerOffer(sdp: string): string | null {
    const { phase } = this.#state;
    if (phase === 'dialing' || phase === 'ringing') return this.#negotiation?.answerEarly(sdp) ?? null;
    if (phase !== 'answered' || this.#negotiation === null) return null;
    const answered = this.#negotiation.answer(sdp);
    if (!answered.isTaken) return null;
    this.#connectMedia();
    return answered.answer;
  }

  /** The far side's answer to our latest description, shown to it again: what of it cannot be used changes nothing. */
  #onReanswer(sdp: string): void {
    if (this.#state.phase === 'answered' && this.#negotiation?.takeReanswer(sdp).isTaken) this.#connectMedia();
  }

  #connectMedia(): void {
    const remote = this.#negotiation?.remote ?? null;
    if (remote === null) return;
    this.#trace?.note('media', connectionOf(remote));
    this.#media?.connect(remote);
  }

  #onMedia(event: MediaEvent): void {
    this.#trace?.note(...noteOf(event));
    switch (event.type) {
      case 'first-packet':
      case 'machine':
      case 'play-ended':
        this.#input(event);
        return;
      case 'digit':
        this.#digit(event.digit, event.source);
        return;
      case 'elsewhere':
        return;
      case 'failed':
        this.#input({ type: 'media-failed', reason: event.reason });
        return;
      default:
        assertNever(event);
    }
  }

  async #playTones(digits: string): Promise<void> {
    try {
      await this.#context.keyTones.load();
      for (const digit of digits) this.#media?.interject(keyTonePrompt(digit));
    } catch (error) {
      this.#context.logger.warn({ err: error, sipCallId: this.#request.sipCallId }, 'key tones not sent');
    }
  }

  #digit(digit: string, source: DigitSource): void {
    this.#input({ type: 'digit', digit, source, atMs: this.#context.clock.monotonic() });
  }

  async #closeMedia(): Promise<void> {
    try {
      const stats = (await this.#media?.close()) ?? null;
      const codec = this.#negotiation?.remote?.codec;
      const media = stats === null || codec === undefined ? null : legMediaOf(stats, codec);
      if (stats !== null) this.#trace?.note('media', figuresOf(stats, media));
      this.#input({ type: 'media-closed', media });
    } catch (error) {
      const number = maskNumber(this.#request.number);
      this.#context.logger.warn({ err: error, number, sipCallId: this.#request.sipCallId }, 'media session not closed');
      this.#input({ type: 'media-closed', media: null });
    }
  }
}
