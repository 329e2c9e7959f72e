import type { ObservedStack, Runtime } from '../../agent/deps.ts';
import { RuntimeFailure } from '../../agent/runtime-failure.ts';

/** What is left of one project on a host that is made of memory. */
export type FakeStack = {
  /** made once; another value here means that data was lost and made anew */
  data: string | null;
  specHash: string | null;
  generation: number | null;
  db: boolean;
  gateway: boolean;
};

export type FakeVerb = 'apply' | 'stop' | 'remove' | 'probe' | 'observe';
export type FakeStep = { verb: FakeVerb; ref: string; step: string; signal?: AbortSignal };

export type FakeRuntime = Runtime & {
  world: Map<string, FakeStack>;
  /** every verb that was called, but looks and probes */
  calls: { verb: FakeVerb; ref: string; generation?: number }[];
  /** refs whose data was deleted, in order */
  destroyed: string[];
};

/**
 * A runtime over a `world` that outlives it. Before each step it asks `gate`, which may wait, throw (the step is not
 * done), or never answer (the agent died there).
 */
export function createFakeRuntime(options: {
  gate?: (step: FakeStep) => Promise<void> | void;
  world?: Map<string, FakeStack>;
  destroyed?: string[];
}): FakeRuntime {
  const world = options.world ?? new Map<string, FakeStack>();
  const destroyed = options.destroyed ?? [];
  const calls: FakeRuntime['calls'] = [];

  async function step(verb: FakeVerb, ref: string, name: string, signal?: AbortSignal): Promise<void> {
    await options.gate?.({ verb, ref, step: name, ...(signal === undefined ? {} : { signal }) });
    signal?.throwIfAborted();
  }

  async function halt(verb: FakeVerb, ref: string, stack: FakeStack, signal: AbortSignal): Promise<void> {
    await step(verb, ref, 'close-gateway', signal);
    stack.gateway = false;
    await step(verb, ref, 'stop-db', signal);
    stack.db = false;
  }

  return {
    kind: 'embedded',
    world,
    calls,
    destroyed,
    async observe() {
      await step('observe', '', 'observe');
      return [...world].map(([ref, stack]) => observed(ref, stack));
    },
    async apply(spec, { specHash, signal }) {
      const { ref, generation } = spec;
      calls.push({ verb: 'apply', ref, generation });
      await step('apply', ref, 'begin', signal);
      const stack = world.get(ref) ?? { data: null, specHash: null, generation: null, db: false, gateway: false };
      world.set(ref, stack);
      if (stack.specHash !== specHash) {
        stack.specHash = null;
        await halt('apply', ref, stack, signal);
      }
      await step('apply', ref, 'make-data', signal);
      stack.data ??= `data of ${ref}`;
      await step('apply', ref, 'start-db', signal);
      stack.db = true;
      await step('apply', ref, 'open-gateway', signal);
      stack.gateway = true;
      await step('apply', ref, 'stamp', signal);
      Object.assign(stack, { specHash, generation });
    },
    async stop(ref, { signal }) {
      calls.push({ verb: 'stop', ref });
      const stack = world.get(ref);
      if (stack !== undefined) await halt('stop', ref, stack, signal);
    },
    async remove(ref, { signal }) {
      calls.push({ verb: 'remove', ref });
      const stack = world.get(ref);
      if (stack === undefined) return;
      await halt('remove', ref, stack, signal);
      await step('remove', ref, 'delete-data', signal);
      stack.data = null;
      destroyed.push(ref);
      await step('remove', ref, 'delete-rest', signal);
      world.delete(ref);
    },
    async probe(ref, { signal }) {
      await step('probe', ref, 'probe', signal);
      const stack = world.get(ref);
      if (!stack?.db || !stack.gateway) throw new RuntimeFailure('Nothing answers.');
    },
    async close() {},
  };
}

function observed(ref: string, stack: FakeStack): ObservedStack {
  const parts = [stack.db, stack.gateway].filter(Boolean).length;
  return {
    ref,
    specHash: stack.specHash,
    generation: stack.generation,
    state: parts === 2 ? 'running' : parts === 1 ? 'partial' : 'stopped',
    services: [],
    gateway: stack.gateway ? { protocol: 'http', endpoint: `localhost:${ref.length}` } : null,
    drift: [],
  };
}
