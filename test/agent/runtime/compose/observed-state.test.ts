import { describe, expect, test } from 'vitest';
import type { Applied } from '../../../../agent/runtime/compose/applied.ts';
import type { EngineContainer } from '../../../../agent/runtime/compose/engine/container.ts';
import { observedStack, type StackFacts } from '../../../../agent/runtime/compose/observed-state.ts';

const ref = 'a'.repeat(20);
const network = `supafleet-${ref}_default`;
const gateway = { protocol: 'http' as const, endpoint: '127.0.0.1:20000' };

describe('what a stack is, out of what was found', () => {
  const cases: { what: string; facts: Partial<StackFacts>; state: string; drift: string[] }[] = [
    { what: 'everything runs', facts: {}, state: 'running', drift: [] },
    { what: 'no container is left', facts: { containers: [] }, state: 'stopped', drift: [] },
    {
      what: 'all were stopped',
      facts: { containers: stack({}, { state: 'exited', health: 'none' }) },
      state: 'stopped',
      drift: [],
    },
    {
      what: 'one was removed by hand',
      facts: { containers: stack().filter(({ service }) => service !== 'auth') },
      state: 'partial',
      drift: [],
    },
    {
      what: 'one was stopped by hand',
      facts: { containers: stack({ auth: { state: 'exited' } }) },
      state: 'partial',
      drift: [],
    },
    {
      what: 'one was paused by hand',
      facts: { containers: stack({ auth: { state: 'paused' } }) },
      state: 'partial',
      drift: [],
    },
    {
      what: 'one ends again and again',
      facts: { containers: stack({ auth: { state: 'restarting' } }) },
      state: 'partial',
      drift: [],
    },
    {
      what: 'an unhealthy one still runs',
      facts: { containers: stack({ auth: { health: 'unhealthy' } }) },
      state: 'running',
      drift: [],
    },
    { what: 'it was never brought up whole', facts: { applied: null }, state: 'partial', drift: [] },
    {
      what: 'somebody made one anew with other settings',
      facts: { containers: stack({ db: { configHash: 'other' } }) },
      state: 'running',
      drift: ['the db container was made anew with other settings'],
    },
    {
      what: 'one carries another hash',
      facts: { containers: stack({ db: { hash: 'other' } }) },
      state: 'running',
      drift: ['the db container is not the one that was made'],
    },
    {
      what: 'one was disconnected',
      facts: { containers: stack({ rest: { addresses: {} } }) },
      state: 'running',
      drift: ['the rest container was taken off its network'],
    },
    {
      what: 'a part of an earlier profile still runs',
      facts: { containers: [...stack(), container('realtime')] },
      state: 'running',
      drift: ['a realtime container runs that is not part of it'],
    },
    {
      what: 'a file was edited',
      facts: { fileDrift: ['compose.yaml was changed by hand'] },
      state: 'running',
      drift: ['compose.yaml was changed by hand'],
    },
  ];
  test.each(cases)('$what', ({ facts, state, drift }) => {
    const seen = observedStack({ ...whole(), ...facts });
    expect({ state: seen.state, drift: seen.drift }).toEqual({ state, drift });
  });

  test('hash and generation are those of the last whole start', () => {
    expect(observedStack(whole())).toMatchObject({ specHash: 'spec', generation: 3 });
    expect(observedStack({ ...whole(), applied: null })).toMatchObject({ specHash: null, generation: null });
  });
});

describe('what is told of each service', () => {
  test('what its profile lacks is absent, what runs has the version of its image', () => {
    const services = observedStack(whole()).services;
    expect(services.find(({ name }) => name === 'auth')).toEqual({
      name: 'auth',
      status: 'healthy',
      version: 'v2.196.0',
      error: null,
    });
    expect(services.find(({ name }) => name === 'realtime')?.status).toBe('absent');
    expect(services.find(({ name }) => name === 'pg_meta')?.status).toBe('healthy');
  });

  test('an image whose tag moved on is told by the name it was made with', () => {
    const containers = stack({ auth: { image: 'sha256:0123456789ab' } });
    const services = observedStack({ ...whole(), containers }).services;
    expect(services.find(({ name }) => name === 'auth')?.version).toBe('v2.196.0');
  });

  test('a port of a registry is not taken for a tag', () => {
    const containers = stack({ auth: { image: 'registry:5000/gotrue' } });
    const services = observedStack({ ...whole(), containers }).services;
    expect(services.find(({ name }) => name === 'auth')?.version).toBeNull();
  });

  test('a container that is gone says so, and a stopped stack is no trouble', () => {
    const gone = observedStack({ ...whole(), containers: stack().filter(({ service }) => service !== 'auth') });
    expect(gone.services.find(({ name }) => name === 'auth')).toMatchObject({
      status: 'unhealthy',
      error: 'Its container is gone',
    });
    const stopped = observedStack({ ...whole(), containers: [] });
    expect(stopped.services.find(({ name }) => name === 'auth')).toMatchObject({ status: 'stopped', error: null });
  });

  test('what Docker has not asked yet counts as healthy when it answered the agent, and as starting when not', () => {
    const facts = { ...whole(), containers: stack({ auth: { health: 'starting' }, rest: { health: 'starting' } }) };
    const seen = observedStack({ ...facts, answering: new Set(['auth']) });
    const statuses = Object.fromEntries(seen.services.map(({ name, status }) => [name, status]));
    expect(statuses).toMatchObject({ auth: 'healthy', rest: 'starting' });
  });

  test('limits that somebody changed by docker update are told', () => {
    const { drift, state } = observedStack({ ...whole(), updated: new Set(['id-rest', 'id-of-another-project']) });
    expect({ drift, state }).toEqual({
      drift: ['the limits of the rest container were changed by hand'],
      state: 'running',
    });
  });

  test('while the engine is silent each service says that it was not seen', () => {
    const blind = 'The Docker engine does not run';
    const seen = observedStack({ ...whole(), blind });
    expect(seen.state).toBe('running');
    expect(seen.services.filter(({ status }) => status !== 'absent').every(({ error }) => error === blind)).toBe(true);
  });
});

const addresses = { db: '10.0.0.2', auth: '10.0.0.3', rest: '10.0.0.4' };
const images = {
  db: 'supabase/postgres:17.6.1.136',
  auth: 'supabase/gotrue:v2.196.0',
  rest: 'postgrest/postgrest:v14.17',
};
type Part = keyof typeof addresses;
const parts: Part[] = ['db', 'auth', 'rest'];

function whole(): StackFacts {
  const services: Applied['services'] = Object.fromEntries(
    parts.map((name) => [
      name,
      { hash: `hash-${name}`, configHash: `config-${name}`, image: images[name], address: addresses[name], port: 1 },
    ]),
  );
  return {
    ref,
    applied: { specHash: 'spec', generation: 3, network, services },
    containers: stack(),
    meta: { ...container('meta'), ref: null, image: 'supabase/postgres-meta:v0.99.0' },
    gateway,
    fileDrift: [],
    updated: new Set(),
    blind: null,
    answering: new Set(),
  };
}

function stack(
  changes: Partial<Record<Part, Partial<EngineContainer>>> = {},
  all: Partial<EngineContainer> = {},
): EngineContainer[] {
  return parts.map((name) => ({
    ...container(name),
    image: images[name],
    addresses: { [network]: addresses[name] },
    ...all,
    ...changes[name],
  }));
}

function container(service: string): EngineContainer {
  return {
    id: `id-${service}`,
    name: `supafleet-${ref}-${service}-1`,
    hostId: 'h',
    ref,
    service,
    hash: `hash-${service}`,
    configHash: `config-${service}`,
    image: 'some/image:1',
    isOneOff: false,
    state: 'running',
    health: 'healthy',
    addresses: {},
  };
}
