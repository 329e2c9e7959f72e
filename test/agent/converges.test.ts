import fc from 'fast-check';
import { test } from 'vitest';
import { type Attempt, attempt } from '../../agent/backoff.ts';
import type { Clock, Log } from '../../agent/deps.ts';
import { createExecutor, defaultExecutorOptions, type Executor } from '../../agent/execute.ts';
import { plan } from '../../agent/plan.ts';
import { RuntimeFailure } from '../../agent/runtime-failure.ts';
import { specHash } from '../../agent/spec-hash.ts';
import { createFakeRuntime, type FakeStack, type FakeStep } from '../support/fake-runtime.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { type AskedSpec, pausedSpec, refOf, removedSpec, runningSpec } from '../support/specs.ts';

const numRuns = propertyRuns(300);

const letters = ['a', 'b', 'c'] as const;
type Letter = (typeof letters)[number];

const stack = fc.record<FakeStack>({
  data: fc.constant('data of before'),
  specHash: fc.constantFrom(null, 'older', ...letters.map((letter) => specHash(runningSpec(letter)))),
  generation: fc.constantFrom(null, 0, 1),
  db: fc.boolean(),
  gateway: fc.boolean(),
});

const anyLetter = fc.constantFrom(...letters);

/** What can happen between and during the steps of the agent. */
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('tick'), stale: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('step'), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fail'), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill agent') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill part'), letter: anyLetter, db: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('want'), letter: anyLetter, power: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.nat(400_000) }) },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

/**
 * The planner and the executor on a world of memory, driven one step of the runtime at a time in any order, with
 * failures, deaths and stale pictures anywhere. The verdict is the world's, never the planner's own.
 */
class Drive {
  now = 0;
  readonly world: Map<string, FakeStack>;
  readonly destroyed: string[] = [];
  readonly wanted = new Map<Letter, AskedSpec>();
  readonly everRemoved = new Set<string>();
  attempts = new Map<string, Attempt>();
  private waiting: { step: FakeStep; resolve(): void; reject(error: Error): void }[] = [];
  sawTwoAtOnce = false;
  private life = 0;
  private executor: Executor;
  private runtime: ReturnType<typeof createFakeRuntime>;
  private lastPicture: Awaited<ReturnType<ReturnType<typeof createFakeRuntime>['observe']>> = [];

  constructor(world: Map<string, FakeStack>) {
    this.world = world;
    for (const letter of letters) this.wanted.set(letter, runningSpec(letter));
    [this.executor, this.runtime] = this.bornAnew();
  }

  async happen(event: Event): Promise<void> {
    switch (event.kind) {
      case 'tick':
        return this.tick('stale' in event && event.stale);
      case 'step':
        this.pick('pick' in event ? event.pick : 0)?.resolve();
        return settle();
      case 'fail':
        this.pick('pick' in event ? event.pick : 0)?.reject(new RuntimeFailure('fault'));
        return settle();
      case 'kill agent':
        [this.executor, this.runtime] = this.bornAnew();
        return;
      case 'kill part':
        if ('letter' in event) this.killPart(refOf(event.letter), event.db);
        return;
      case 'want':
        if ('power' in event) this.want(event.letter, event.power);
        return;
      case 'wait':
        this.now += 'ms' in event ? event.ms : 0;
        return;
    }
  }

  /** Faults are over: every step works, time passes between rounds. */
  async calm(): Promise<void> {
    for (let round = 0; round < 12; round += 1) {
      await this.tick(false);
      while (this.waiting.length > 0) {
        this.pick(0)?.resolve();
        await settle();
      }
      this.now += 400_000;
    }
  }

  private async tick(stale: boolean): Promise<void> {
    if (!stale) this.lastPicture = await this.runtime.observe({ signal: new AbortController().signal });
    const desired = [...this.wanted.values()].map((spec) => ({ spec, specHash: specHash(spec) }));
    this.executor.start(plan(desired, this.lastPicture, this.attempts, this.now));
    await settle();
  }

  private want(letter: Letter, power: number): void {
    const current = this.wanted.get(letter);
    if (current === undefined || current.power === 'removed') return;
    const generation = current.generation + 1;
    if (power === 0) {
      this.everRemoved.add(refOf(letter));
      this.wanted.set(letter, removedSpec(letter, generation));
    } else if (power === 1) this.wanted.set(letter, pausedSpec(letter, { generation }));
    else this.wanted.set(letter, runningSpec(letter, { generation, restarts: power === 2 ? generation : 0 }));
  }

  private killPart(ref: string, db: boolean): void {
    const stack = this.world.get(ref);
    if (stack !== undefined) Object.assign(stack, db ? { db: false } : { gateway: false });
  }

  private pick(index: number) {
    return this.waiting.splice(index % Math.max(1, this.waiting.length), 1)[0];
  }

  /** The life before never does another step: whatever it was doing stays as it is. */
  private bornAnew(): [Executor, ReturnType<typeof createFakeRuntime>] {
    this.life += 1;
    this.waiting = [];
    this.attempts = new Map();
    const life = this.life;
    const gate = (step: FakeStep) => {
      if (step.verb === 'observe') return;
      return new Promise<void>((resolve, reject) => {
        if (life !== this.life) return;
        if (this.waiting.some((other) => other.step.ref === step.ref)) this.sawTwoAtOnce = true;
        this.waiting.push({ step, resolve, reject });
      });
    };
    const runtime = createFakeRuntime({ world: this.world, destroyed: this.destroyed, gate });
    const clock: Clock = { now: () => this.now, sleep: () => new Promise(() => {}) };
    const executor = createExecutor(
      runtime,
      {
        clock,
        log: silent,
        onEnd: ({ action, startedAt, endedAt, result }) => {
          if (life !== this.life || result.kind === 'abandoned') return;
          const failure = result.kind === 'failed' ? result.reason : null;
          const ended = { generation: action.generation, startedAt, endedAt, failure };
          this.attempts.set(action.ref, attempt(this.attempts.get(action.ref), ended, 0));
        },
      },
      defaultExecutorOptions,
    );
    return [executor, runtime];
  }
}

const silent: Log = { info() {}, warn() {}, error() {} };

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('from any start, through any faults, the world becomes what is wanted, and nothing else is touched', async () => {
  const situation = fc.record({
    stacks: fc.dictionary(anyLetter.map(refOf), stack, { noNullPrototype: true }),
    stranger: stack,
    events: fc.array(event, { maxLength: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(situation, async ({ stacks, stranger, events }) => {
      const before = structuredClone(stranger);
      const drive = new Drive(new Map([...Object.entries(structuredClone(stacks)), [refOf('x'), stranger]]));
      for (const event of events) {
        await drive.happen(event);
        refuseLoss(drive);
      }
      await drive.calm();
      refuseLoss(drive);
      if (drive.sawTwoAtOnce) throw new Error('two actions worked on one project at once');
      for (const spec of drive.wanted.values()) refuseDifference(spec, drive.world.get(spec.ref));
      if (JSON.stringify(stranger) !== JSON.stringify(before)) throw new Error('a stranger was touched');
    }),
    { numRuns },
  );
});

function refuseLoss({ destroyed, everRemoved }: Drive): void {
  const lost = destroyed.filter((ref) => !everRemoved.has(ref));
  if (lost.length > 0) throw new Error(`data of projects that nobody removed was deleted: ${lost.join(', ')}`);
}

function refuseDifference(spec: AskedSpec, found: FakeStack | undefined): void {
  const seen = found === undefined ? 'nothing' : JSON.stringify(found);
  const right = {
    removed: found === undefined,
    paused: found === undefined || (!found.db && !found.gateway),
    running: found?.db && found.gateway && found.data !== null && found.specHash === specHash(spec),
  }[spec.power];
  if (!right) throw new Error(`${spec.ref} is to be ${spec.power} at ${spec.generation}, but there is ${seen}`);
}
