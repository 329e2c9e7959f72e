import fc from 'fast-check';
import { test } from 'vitest';
import { RuntimeFailure } from '../../agent/runtime-failure.ts';
import { specHash } from '../../agent/spec-hash.ts';
import type { ProjectReport } from '../../schema/agent-protocol.ts';
import { createFakeRuntime, type FakeStack, type FakeStep } from '../support/fake-runtime.ts';
import { startLoop } from '../support/loop-under-test.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { type AskedSpec, pausedSpec, refOf, removedSpec, runningSpec } from '../support/specs.ts';

const numRuns = propertyRuns(60);
const letters = ['a', 'b', 'c'] as const;

const event = fc.record({
  afterMs: fc.oneof(fc.nat(1_500), fc.nat(6_000)),
  letter: fc.constantFrom(...letters),
  kind: fc.constantFrom('run', 'run', 'restart', 'pause', 'pause', 'remove', 'kill db', 'lost', 'deaf', 'down', 'up'),
});
/** How each step of the runtime goes, over and over: how long it takes, and whether it fails. */
const course = fc.array(fc.record({ ms: fc.oneof(fc.nat(100), fc.nat(2_500)), fails: fc.nat(9).map((n) => n === 0) }), {
  minLength: 1,
  maxLength: 30,
});

test('whatever happens on either side, nothing untrue is told, and in the end all is as wanted and told so', async () => {
  const situation = fc.record({ events: fc.array(event, { maxLength: 25 }), course, looks: fc.array(fc.nat(3_000)) });
  await fc.assert(
    fc.asyncProperty(situation, async ({ events, course, looks }) => {
      const life = new AbortController();
      const wanted = new Map<string, AskedSpec>(letters.map((letter) => [letter, runningSpec(letter)]));
      const world = new Map<string, FakeStack>();
      const gone = new Set<string>();
      let calm = false;
      let turn = 0;
      const pace = async (ms: number) => (calm ? undefined : loop.clock.sleep(ms));
      const gate = async ({ verb, ref }: FakeStep) => {
        if (verb === 'apply' && gone.has(ref)) throw new Error(`${ref} was told removed and is worked on again`);
        const { ms, fails } = course[turn++ % course.length] ?? { ms: 0, fails: false };
        await pace(verb === 'probe' ? ms / 10 : ms);
        if (fails && !calm) throw new RuntimeFailure('fault');
      };
      // a picture is as old as it took to come
      const eyes = createFakeRuntime({ world });
      const observe = async () => {
        const picture = await eyes.observe({ signal: life.signal });
        await pace(looks[turn++ % Math.max(1, looks.length)] ?? 0);
        return picture;
      };
      const loop = startLoop(life.signal, { gate, world, runtime: { observe } });
      const tell = () => loop.controlPlane.want(...wanted.values());
      loop.controlPlane.onReport = ({ projects }) => {
        for (const project of projects) refuseLie(project, world.get(project.ref), wanted);
        for (const { ref, phase } of projects) if (phase === 'removed') gone.add(ref);
      };
      tell();
      for (const { afterMs, letter, kind } of events) {
        await loop.clock.advance(afterMs);
        const next = changed(wanted.get(letter), letter, kind);
        if (kind === 'kill db') Object.assign(world.get(refOf(letter)) ?? {}, { db: false });
        else if (kind === 'up' || kind === 'down' || kind === 'deaf' || kind === 'lost') loop.controlPlane.mode = kind;
        else if (next !== null) wanted.set(letter, next);
        tell();
      }
      loop.controlPlane.mode = 'up';
      calm = true;
      await loop.clock.advance(700_000);
      if (loop.ended() !== null) throw new Error(`the agent ended: ${String(loop.ended())}`);
      for (const spec of wanted.values()) refuseDifference(spec, loop.controlPlane.told.get(spec.ref), world);
      life.abort();
      await loop.clock.advance(0);
    }),
    { numRuns },
  );
});

function changed(spec: AskedSpec | undefined, letter: string, kind: string): AskedSpec | null {
  if (spec === undefined || spec.power === 'removed') return null;
  const generation = spec.generation + 1;
  if (kind === 'remove') return removedSpec(letter, generation);
  if (kind === 'pause') return pausedSpec(letter, { generation, restarts: spec.restarts });
  if (kind === 'run') return runningSpec(letter, { generation, restarts: spec.restarts });
  return kind === 'restart' ? runningSpec(letter, { generation, restarts: spec.restarts + 1 }) : null;
}

/** Whatever is told was true when it was sent; `wanted` may have moved on since, the world moves only by the agent. */
function refuseLie(told: ProjectReport, found: FakeStack | undefined, wanted: Map<string, AskedSpec>): void {
  const spec = [...wanted.values()].find(({ ref }) => ref === told.ref);
  if (spec === undefined || told.generation > spec.generation) throw new Error('told of a generation that never was');
  if (told.phase === 'removed' && found !== undefined) throw new Error('told removed while something is left');
  if (told.phase === 'stopped' && found?.db && told.generation === spec.generation) throw new Error('told stopped');
  if (told.phase === 'healthy' && (told.verifiedAgeMs === null || told.verifiedAgeMs > 15_000)) {
    throw new Error('told healthy without a fresh verification');
  }
}

function refuseDifference(spec: AskedSpec, told: ProjectReport | undefined, world: Map<string, FakeStack>): void {
  const phase = { running: 'healthy', paused: 'stopped', removed: 'removed' }[spec.power];
  const found = world.get(spec.ref);
  if (told?.phase !== phase || told.generation !== spec.generation) {
    throw new Error(`${spec.ref} is ${spec.power} at ${spec.generation}, told ${told?.phase} at ${told?.generation}`);
  }
  const isRight = spec.power !== 'running' || (found?.db && found.gateway && found.specHash === specHash(spec));
  if (!isRight) throw new Error(`${spec.ref} is told healthy, but there is ${JSON.stringify(found)}`);
}
