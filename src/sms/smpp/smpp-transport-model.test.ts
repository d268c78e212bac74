import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PDU } from 'smpp';
import { FakeClock, settled } from '../../../test/support/fake-clock.ts';
import { type CarrierSide, ScriptedCarrier } from '../../../test/support/scripted-carrier.ts';
import { silentLogger } from '../../lib/logger.ts';
import { seededRandom } from '../../lib/random.ts';
import type { SmsSendResult } from '../sms-transport.ts';
import { smppDefaults } from './smpp-settings.ts';
import { SmppTransport } from './smpp-transport.ts';

const again = [0x58, 0x14] as const;

/** What somebody does: we, the carrier, the network, the time. */
type Move =
  | { readonly type: 'send'; readonly isLong: boolean }
  | { readonly type: 'answer'; readonly pick: number; readonly status: number }
  | { readonly type: 'answer-nobody'; readonly sequence: number }
  | { readonly type: 'receipt'; readonly pick: number }
  | { readonly type: 'lose' }
  | { readonly type: 'unbind' }
  | { readonly type: 'noise'; readonly bytes: Uint8Array }
  | { readonly type: 'wait'; readonly ms: number };

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('send' as const), isLong: fc.boolean() }) },
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('answer' as const),
      pick: fc.nat(100),
      status: fc.constantFrom(0, 0, 0, 0, ...again, 0x08, 0x0b),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('answer-nobody' as const), sequence: fc.nat(0xffff) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('receipt' as const), pick: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('lose' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('unbind' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('noise' as const),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(5, 5, 5, 200, 200, 1500, 45_000) }),
  },
);

/** A part on its way, as the carrier has it, and what the carrier calls it. */
type Part = { readonly key: string; readonly id: string; readonly pdu: PDU; readonly side: CarrierSide };

/** The carrier's memory of everything, to hold what we were told against. */
class Model {
  readonly clock = new FakeClock();
  readonly carrier = new ScriptedCarrier();
  readonly transport: SmppTransport;
  readonly results = new Map<string, SmsSendResult[]>();
  /** Of how many parts each message is. */
  readonly parts = new Map<string, number>();
  readonly receipts: string[] = [];
  /** What we were told late, by message: the parts' names, and how many receipts we had been given by then; null: refused. */
  readonly late = new Map<
    string,
    { readonly providerIds: readonly string[] | null; readonly receiptsBefore: number }[]
  >();
  /** Receipts that we were given before we were told whose they are. */
  readonly early: string[] = [];
  /** By message and part: how often it came, was refused for now, was accepted. */
  readonly came = new Map<string, number>();
  readonly refused = new Map<string, number>();
  readonly accepted = new Map<string, string>();
  readonly open: Part[] = [];
  readonly receiptsSent: string[] = [];
  readonly #noted = new Set<PDU>();
  #ids = 0;

  constructor() {
    const account = { host: 'smsc', port: 2775, systemId: 'me', password: 'secret' };
    this.transport = new SmppTransport(
      // Answers are late sooner than the silence ends the connection.
      { ...smppDefaults, ...account, window: 3, binds: 2, responseTimeoutS: 1 },
      {
        clock: this.clock,
        random: seededRandom(7),
        logger: silentLogger(),
        maxTps: 500,
        onReceipt: async ({ providerId }) => {
          this.receipts.push(providerId);
          await settled();
          const name = [...this.accepted].find(([, id]) => id === providerId)?.[0].split('/')[0] ?? '';
          if (this.results.get(name)?.length === 0) this.early.push(providerId);
        },
        onLateResult: (name, result) => {
          const providerIds = result.type === 'accepted' ? result.providerIds : null;
          const told = { providerIds, receiptsBefore: this.receipts.length };
          this.late.set(name, [...(this.late.get(name) ?? []), told]);
        },
        receiptsDue: () => Promise.resolve([]),
      },
      this.carrier.open,
    );
    this.transport.start();
    for (const side of this.carrier.sides) this.#accept(side);
  }

  async make(move: Move): Promise<void> {
    this.#move(move);
    await this.clock.advance(move.type === 'wait' ? move.ms : 0);
    // Connections are taken in the end, not at once.
    if (move.type === 'wait') for (const side of this.carrier.sides) this.#accept(side);
    this.#collect();
  }

  #move(move: Move): void {
    const { sides } = this.carrier;
    const live = sides.filter((side) => !side.isClosed);
    switch (move.type) {
      case 'send':
        this.#send(move.isLong);
        return;
      case 'answer':
        this.#answer(move.pick, move.status);
        return;
      case 'answer-nobody':
        live.at(-1)?.send('submit_sm_resp', { sequence_number: 0x10000 + move.sequence, message_id: 'nobody' });
        return;
      case 'receipt':
        this.#receipt(move.pick);
        return;
      case 'lose':
        live[0]?.lose(new Error('ECONNRESET'));
        return;
      case 'unbind':
        live.at(-1)?.send('unbind');
        return;
      case 'noise':
        live.find((side) => side.received.length > 0)?.bytes(Buffer.from(move.bytes));
        return;
      case 'wait':
        return;
    }
  }

  #send(isLong: boolean): void {
    const name = String(this.results.size);
    this.results.set(name, []);
    this.parts.set(name, isLong ? 3 : 1);
    const text = isLong ? 'a'.repeat(400) : 'a';
    void this.transport.send({ messageId: name, to: name, from: 'x', text }).then((result) => {
      this.results.get(name)?.push(result);
    });
  }

  #accept(side: CarrierSide): void {
    if (side.isClosed || side.received.length > 0) return;
    side.connect();
    side.answer(side.received[0]);
  }

  #answer(pick: number, status: number): void {
    const [part] = this.open.splice(pick % Math.max(1, this.open.length), 1);
    if (part === undefined || part.side.isClosed) return;
    if (status === 0) {
      this.accepted.set(part.key, part.id);
      part.side.answer(part.pdu, { message_id: part.id });
    } else {
      this.refused.set(part.key, (this.refused.get(part.key) ?? 0) + 1);
      part.side.answer(part.pdu, { command_status: status });
    }
  }

  #receipt(pick: number): void {
    // Also of those that are not answered yet.
    const ids = [...this.accepted.values(), ...this.open.map((part) => part.id)];
    const id = ids[pick % Math.max(1, ids.length)];
    const side = this.carrier.sides.find((each) => !each.isClosed && each.received.length > 0);
    if (id === undefined || side === undefined) return;
    side.send('deliver_sm', { esm_class: 4, short_message: Buffer.from(`id:${id} stat:DELIVRD`) });
    this.receiptsSent.push(id);
  }

  /** Takes note of what has come since. */
  #collect(): void {
    for (const side of this.carrier.sides) {
      for (const pdu of side.received) {
        if (pdu.command !== 'submit_sm' || this.#noted.has(pdu)) continue;
        this.#noted.add(pdu);
        const key = `${pdu.destination_addr}/${pdu.short_message?.udh?.[0]?.[4] ?? 1}`;
        this.came.set(key, (this.came.get(key) ?? 0) + 1);
        this.#ids += 1;
        this.open.push({ key, id: `id-${this.#ids}`, pdu, side });
      }
    }
  }

  async end(): Promise<void> {
    const closed = this.transport.close(AbortSignal.abort());
    await this.clock.advance(20_000);
    await closed;
    this.#collect();
  }
}

/** What must hold whatever happened. */
function assertTruth(model: Model, hasNoise: boolean): void {
  const countOf = (counts: ReadonlyMap<string, number>, key: string): number => counts.get(key) ?? 0;
  for (const [key, times] of model.came) {
    assert.ok(times <= 1 + countOf(model.refused, key), `${key} was sent again without having been refused`);
  }
  for (const [name, results] of model.results) {
    assert.equal(results.length, 1, `${name} was told ${results.length} times`);
    const [result] = results;
    const parts = [1, 2, 3].map((place) => `${name}/${place}`).filter((key) => model.came.has(key));
    const ids = parts.flatMap((key) => model.accepted.get(key) ?? []);
    if (result?.type === 'accepted') assert.deepEqual(result.providerIds, ids);
    if (result?.type !== 'refused') continue;
    assert.deepEqual(ids, [], `${name} was refused, and the carrier has a part`);
    for (const key of parts)
      assert.equal(countOf(model.came, key), countOf(model.refused, key), `${key} may have arrived`);
  }
  assertLateTruth(model);
  if (!hasNoise) assertReceipts(model);
  assert.deepEqual(model.early, []);
  assert.equal(model.clock.pendingTimers, 0);
}

/** Who was told late was told before that it is not known, and is told once what the carrier says. */
function assertLateTruth(model: Model): void {
  for (const [name, told] of model.late) {
    assert.equal(model.results.get(name)?.[0]?.type, 'unknown', name);
    assert.equal(told.length, 1, `${name} was told late ${told.length} times`);
    const ids = [1, 2, 3].flatMap((place) => model.accepted.get(`${name}/${place}`) ?? []);
    assert.deepEqual(told[0]?.providerIds ?? [], ids, name);
    if (told[0]?.providerIds != null) assert.equal(ids.length, model.parts.get(name), `${name} is not whole`);
  }
}

/** Each receipt came as often as it was sent; that of a late message once more, if it came before it was known whose it is. */
function assertReceipts(model: Model): void {
  const late = [...model.late.values()].flat();
  for (const id of new Set([...model.receipts, ...model.receiptsSent])) {
    const told = late.find(({ providerIds }) => providerIds?.includes(id));
    const wasEarly = told !== undefined && model.receipts.slice(0, told.receiptsBefore).includes(id);
    const sent = model.receiptsSent.filter((each) => each === id).length;
    assert.equal(model.receipts.filter((each) => each === id).length, sent + (wasEarly ? 1 : 0), id);
  }
}

test('smpp: whatever happens, nothing goes twice, everybody is told once, and what we say is true', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyMove, { minLength: 5, maxLength: 80 }), async (moves) => {
      const model = new Model();
      for (const move of moves) await model.make(move);
      await model.end();
      assertTruth(
        model,
        moves.some(({ type }) => type === 'noise'),
      );
    }),
    { numRuns: 300 },
  );
});
