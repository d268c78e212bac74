import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  initialLatch,
  type LatchAction,
  type LatchState,
  type MediaAddress,
  missingAfterMs,
  stepLatch,
  windowMs,
} from './latch-machine.ts';

const announced = { address: '10.0.0.1', port: 4000 };
const otherPort = { address: '10.0.0.1', port: 4444 };
const signalling = { address: '192.0.2.5', port: 7000 };
const stranger = { address: '203.0.113.66', port: 6666 };
const nat = { address: '198.51.100.7', port: 50_001 };

/** Drives a machine: a clock, and sources that count their sequence numbers. */
class Scene {
  state: LatchState;
  nowMs = 1000;
  /** Who was taken, in order. */
  taken: MediaAddress[] = [];
  actions: LatchAction[] = [];
  readonly #sequences = new Map<string, number>();

  constructor(former: MediaAddress | null = null, aim: MediaAddress = announced) {
    this.state = initialLatch(former);
    this.aim(aim);
  }

  get phase(): LatchState['phase'] {
    return this.state.phase;
  }

  aim(to: MediaAddress): void {
    const input = { type: 'aim', announced: to, signallingHosts: [signalling.address], nowMs: this.nowMs } as const;
    this.#run(stepLatch(this.state, input));
  }

  /** One packet of `source`; returns whether it was taken. */
  hear(source: MediaAddress, { ssrc = source.port, sequence = this.#next(source) } = {}): boolean {
    const { state, actions } = stepLatch(this.state, { type: 'packet', source, ssrc, sequence, nowMs: this.nowMs });
    this.#run({ state, actions });
    if (actions.includes('take')) this.taken.push(source);
    return actions.includes('take');
  }

  /** So many packets, 20 ms apart. */
  stream(source: MediaAddress, packets: number): boolean[] {
    return Array.from({ length: packets }, () => {
      const isTaken = this.hear(source);
      this.pass(20);
      return isTaken;
    });
  }

  pass(ms: number): void {
    this.nowMs += ms;
  }

  /** As the shell tells the time; `silentMs`: so long nothing came from the source. */
  tick(silentMs = 0): void {
    const { ssrc } = this.state;
    this.#run(stepLatch(this.state, { type: 'time', nowMs: this.nowMs, heardMs: this.nowMs - silentMs, ssrc }));
  }

  #next({ address, port }: MediaAddress): number {
    const sequence = ((this.#sequences.get(`${address}:${port}`) ?? 65_534) + 1) & 0xffff;
    this.#sequences.set(`${address}:${port}`, sequence);
    return sequence;
  }

  #run({ state, actions }: ReturnType<typeof stepLatch>): void {
    this.state = state;
    this.actions.push(...actions);
  }
}

describe('the latch, in an ordinary call', () => {
  it('is settled by the first packet of the announced address', () => {
    const scene = new Scene();
    assert.deepEqual(scene.actions, ['redirect']);
    assert.equal(scene.hear(announced), true);
    assert.deepEqual([scene.phase, scene.actions], ['latched', ['redirect', 'connect', 'take']]);
    assert.deepEqual(scene.stream(stranger, 5), [false, false, false, false, false]);
    assert.deepEqual(scene.state.source, announced);
  });

  it('is settled by it also long after the window', () => {
    const scene = new Scene();
    scene.pass(10 * windowMs);
    assert.equal(scene.hear(announced), true);
    assert.equal(scene.phase, 'latched');
  });
});

describe('the latch, with a far side behind NAT', () => {
  for (const [name, source] of Object.entries({
    'another port': otherPort,
    'the address of its signalling': signalling,
    'a third address': nat,
  })) {
    it(`tries ${name} after three packets, and settles on it with the window`, () => {
      const scene = new Scene();
      assert.deepEqual(scene.stream(source, 4), [false, false, true, true]);
      assert.deepEqual([scene.phase, scene.actions], ['trying', ['redirect', 'redirect', 'take', 'take']]);
      scene.tick();
      assert.equal(scene.phase, 'trying');
      scene.pass(windowMs);
      scene.tick();
      assert.deepEqual([scene.phase, scene.actions.at(-1)], ['latched', 'connect']);
    });
  }

  it('believes a near source also after the window, a stranger not', () => {
    for (const [source, isBelieved] of [
      [otherPort, true],
      [signalling, true],
      [nat, false],
    ] as const) {
      const scene = new Scene();
      scene.pass(windowMs);
      assert.deepEqual(scene.stream(source, 5), [false, false, isBelieved, isBelieved, isBelieved]);
      assert.equal(scene.phase, isBelieved ? 'latched' : 'seeking');
    }
  });

  it('asks for one SSRC and for order, and takes small losses', () => {
    const steps: [string, [number, number][], boolean][] = [
      [
        'in order',
        [
          [1, 10],
          [1, 11],
          [1, 12],
        ],
        true,
      ],
      [
        'over losses and the wrap',
        [
          [1, 65_530],
          [1, 3],
          [1, 53],
        ],
        true,
      ],
      [
        'repeated',
        [
          [1, 10],
          [1, 10],
          [1, 10],
          [1, 10],
        ],
        false,
      ],
      [
        'backwards',
        [
          [1, 12],
          [1, 11],
          [1, 10],
          [1, 9],
        ],
        false,
      ],
      [
        'jumping',
        [
          [1, 10],
          [1, 1000],
          [1, 2000],
          [1, 3000],
        ],
        false,
      ],
      [
        'of changing SSRCs',
        [
          [1, 10],
          [2, 11],
          [1, 12],
          [2, 13],
        ],
        false,
      ],
    ];
    for (const [name, packets, isBelieved] of steps) {
      const scene = new Scene();
      const taken = packets.map(([ssrc, sequence]) => scene.hear(nat, { ssrc, sequence }));
      assert.equal(taken.at(-1), isBelieved, name);
    }
  });

  it('follows a new port of the same address when the old one has been silent, and nobody else', () => {
    const scene = new Scene();
    scene.stream(nat, 3);
    scene.pass(windowMs);
    scene.tick();
    const rebound = { ...nat, port: 50_999 };
    const ssrc = nat.port;
    scene.tick(missingAfterMs - 1);
    assert.equal(scene.phase, 'latched');
    scene.tick(missingAfterMs);
    assert.deepEqual([scene.phase, scene.actions.at(-1)], ['missing', 'disconnect']);
    assert.deepEqual(scene.stream(stranger, 4), [false, false, false, false]);
    assert.deepEqual(scene.stream(signalling, 4), [false, false, false, false]);
    assert.equal(
      [1, 2, 3, 4].some((sequence) => scene.hear(rebound, { ssrc: 5, sequence })),
      false,
      'another SSRC',
    );
    assert.deepEqual(
      [11, 12, 13].map((sequence) => scene.hear(rebound, { ssrc, sequence })),
      [false, false, true],
    );
    assert.deepEqual([scene.phase, scene.state.source], ['latched', rebound]);
    assert.deepEqual(scene.actions.slice(-3), ['redirect', 'connect', 'take']);
  });

  it('takes the silent one back with its first packet', () => {
    const scene = new Scene();
    scene.hear(announced);
    scene.tick(missingAfterMs);
    assert.equal(scene.hear(announced), true);
    assert.deepEqual([scene.phase, scene.actions.slice(-2)], ['latched', ['connect', 'take']]);
  });
});

describe('the latch, under injection', () => {
  it('takes nothing of a few packets at random', () => {
    const scene = new Scene();
    for (let port = 1; port < 200; port += 1) assert.equal(scene.hear({ ...stranger, port }), false);
    assert.equal(scene.hear(announced), true);
  });

  it('leaves a stranger who is faster for the announced address at its first packet', () => {
    const scene = new Scene();
    scene.stream(stranger, 20);
    assert.equal(scene.phase, 'trying');
    assert.equal(scene.hear(announced), true);
    assert.deepEqual([scene.phase, scene.state.source], ['latched', announced]);
    assert.deepEqual(scene.actions.slice(-3), ['redirect', 'connect', 'take']);
    assert.equal(scene.hear(stranger), false);
  });

  it('leaves a stranger for a near source, and a near source for no stranger', () => {
    const scene = new Scene();
    scene.stream(stranger, 5);
    assert.deepEqual(scene.stream(signalling, 3), [false, false, true]);
    scene.stream(stranger, 5);
    assert.deepEqual(scene.state.source, signalling);
  });

  it('does not let a second stranger push out a first one that goes on', () => {
    const scene = new Scene();
    scene.stream(nat, 5);
    for (let packets = 0; packets < 50; packets += 1) {
      assert.equal(scene.hear(nat), true);
      assert.equal(scene.hear(stranger), false);
      scene.pass(20);
    }
  });

  it('is always the announced one once it has spoken, whatever others do', () => {
    const sources = fc.constantFrom('announced', 'stranger', 'nat', 'signalling', 'otherPort', 'time');
    const all = { announced, stranger, nat, signalling, otherPort };
    fc.assert(
      fc.property(fc.array(sources, { maxLength: 80 }), (order) => {
        const scene = new Scene();
        let hasSpoken = false;
        for (const who of order) {
          if (who === 'time') scene.tick();
          else scene.hear(all[who]);
          scene.pass(20);
          hasSpoken ||= who === 'announced';
          if (hasSpoken) assert.deepEqual([scene.phase, scene.state.source], ['latched', announced]);
        }
      }),
    );
  });
});

describe('the latch, when the session changes', () => {
  it('gives up the relay that played the ringing, when it falls silent, for the one that the call is with', () => {
    const scene = new Scene();
    const relay = { address: '198.51.100.99', port: 9000 };
    scene.stream(relay, 10);
    assert.deepEqual(scene.stream(nat, 5), [false, false, false, false, false], 'the relay has only just ended');
    scene.pass(1000);
    assert.deepEqual(scene.stream(nat, 4), [false, false, true, true]);
    assert.deepEqual(scene.state.source, nat);
  });

  it('seeks anew at another address, and takes nothing of the old one where that had been announced', () => {
    const scene = new Scene();
    scene.hear(announced);
    const moved = { address: '10.0.0.2', port: 4002 };
    scene.aim(moved);
    assert.deepEqual([scene.phase, scene.actions.slice(-2)], ['seeking', ['disconnect', 'redirect']]);
    assert.ok(!scene.stream(announced, 10).includes(true), 'late packets');
    assert.equal(scene.hear(moved), true);
    scene.aim(announced);
    assert.equal(scene.hear(announced), true, 'announced again');
  });

  it('takes the real address of a NAT again after a re-offer', () => {
    const scene = new Scene();
    scene.stream(nat, 3);
    scene.aim({ ...announced, port: 4008 });
    assert.deepEqual(scene.stream(nat, 3), [false, false, true]);
  });

  it('opens the window again at a re-offer of the same address, without a gap; not where it is where it should be', () => {
    const scene = new Scene();
    scene.stream(nat, 3);
    scene.pass(windowMs);
    scene.tick();
    scene.aim(announced);
    assert.deepEqual([scene.phase, scene.actions.at(-1)], ['trying', 'disconnect']);
    assert.equal(scene.hear(nat), true);
    assert.equal(scene.hear(announced), true);
    const before = scene.actions.length;
    scene.aim(announced);
    assert.deepEqual([scene.phase, scene.actions.length], ['latched', before]);
  });

  it('bars the far side of the call before on this port, unless it is announced', () => {
    for (const former of [stranger, otherPort, signalling]) {
      const scene = new Scene(former);
      assert.ok(!scene.stream(former, 10).includes(true));
      assert.deepEqual(scene.stream(nat, 3), [false, false, true]);
      assert.ok(!scene.stream(former, 10).includes(true));
    }
    assert.equal(new Scene(announced).hear(announced), true);
  });
});
