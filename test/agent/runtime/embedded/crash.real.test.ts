import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProcesses } from '../../../../agent/process-table.ts';
import type { EmbeddedRuntime } from '../../../../agent/runtime/embedded/create-runtime.ts';
import { type LifeStep, lifeSteps } from '../../../../agent/runtime/embedded/life-steps.ts';
import type { LiveSpec } from '../../../../schema/stack-spec.ts';
import { portBlock } from '../../../support/port-block.ts';
import { keyOf, readRows, runSql } from './gateway-client.ts';
import { eventually, makeRoot, makeSpec, never, openRuntime, processesOf, refOf } from './support.ts';

/** Steps of a project whose data is there already, up to where it is to be removed. */
const laterSteps = lifeSteps.slice(lifeSteps.indexOf('rooms made'), lifeSteps.indexOf('directory renamed'));

/** A full run kills at every step, any other at a few; CRASH_SEED repeats a choice. */
const seed = Number(process.env.CRASH_SEED ?? randomInt(2 ** 31));
function sample(steps: readonly LifeStep[]): readonly LifeStep[] {
  if (process.env.SUPAFLEET_FULL !== undefined) return steps;
  const [few] = fc.sample(fc.subarray([...steps], { minLength: 3, maxLength: 3 }), { seed, numRuns: 1 });
  return few ?? steps;
}

let place: Awaited<ReturnType<typeof makeRoot>>;
const open: EmbeddedRuntime[] = [];
const agents: ChildProcess[] = [];

beforeEach(async () => {
  place = await makeRoot();
});
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.kill('SIGKILL');
  for (const runtime of open.splice(0)) await runtime.close();
  for (const pid of await everythingOn(place.root)) process.kill(pid, 'SIGKILL');
  await place.remove();
});

async function openHere(): Promise<EmbeddedRuntime> {
  const runtime = await openRuntime(place.root);
  open.push(runtime);
  return runtime;
}

describe('when processes of a project are killed', () => {
  it('sees it as partial, and the next apply brings it back with its data', async () => {
    const runtime = await openHere();
    const spec = await makeSpec(refOf('killed'), await portBlock());
    await runtime.apply(spec, { specHash: 'h', signal: never });
    await runSql(spec, 'create table t (id int); insert into t values (7)');
    const stateOf = async () => (await runtime.observe({ signal: never })).find(({ ref }) => ref === spec.ref)?.state;
    for (const victims of ['rest', 'db', 'all']) {
      for (const pid of await processesOf(place.root, spec.ref, victims === 'all' ? undefined : victims)) {
        process.kill(pid, 'SIGKILL');
      }
      await eventually(`partial without ${victims}`, async () => (await stateOf()) === 'partial');
      await runtime.apply(spec, { specHash: 'h', signal: never });
      expect(await stateOf()).toBe('running');
      await runtime.probe(spec.ref, { signal: never });
      expect((await readRows(spec, 't', keyOf(spec, 'secret'))).body).toEqual([{ id: 7 }]);
    }
  });

  it('starts postgres-meta again at the next request', async () => {
    const runtime = await openHere();
    const spec = await makeSpec(refOf('meta'), await portBlock());
    await runtime.apply(spec, { specHash: 'h', signal: never });
    expect((await runSql(spec, 'select 1 as one')).status).toBe(200);
    for (const pid of await processesOf(place.root, undefined, 'pg_meta')) process.kill(pid, 'SIGKILL');
    await eventually(
      'postgres-meta is gone',
      async () => (await processesOf(place.root, undefined, 'pg_meta')).length === 0,
    );
    await eventually('SQL runs again', async () => (await runSql(spec, 'select 1 as one')).status === 200);
  });

  it('starts over a server process that outlived its postmaster', async () => {
    const runtime = await openHere();
    const spec = await makeSpec(refOf('orphan'), await portBlock());
    await runtime.apply(spec, { specHash: 'h', signal: never });
    const busy = new Client({
      ...runtime.findFrontDoorTarget(spec.ref),
      user: 'postgres',
      password: spec.secrets.dbPassword,
    });
    busy.on('error', () => undefined);
    await busy.connect();
    const query = busy.query('do $$ begin loop perform 1; end loop; end $$').catch(() => undefined);
    await eventually('it computes', async () => {
      const { body } = await runSql(
        spec,
        "select count(*)::int as n from pg_stat_activity where query like 'do $$ begin loop%' and state = 'active'",
      );
      return JSON.stringify(body) === '[{"n":1}]';
    });
    for (const pid of await processesOf(place.root, spec.ref, 'db')) process.kill(pid, 'SIGKILL');
    await eventually('partial', async () => (await runtime.observe({ signal: never }))[0]?.state === 'partial');
    await runtime.apply(spec, { specHash: 'h', signal: never });
    await runtime.probe(spec.ref, { signal: never });
    await query;
  });
});

describe(`when the agent is killed (CRASH_SEED=${seed})`, () => {
  it('leaves nothing behind once a new one runs on the same root, and loses no data', async () => {
    const spec = await makeSpec(refOf('agentdead'), await portBlock());
    const agent = startAgent(place.root, { specs: [spec], afterwards: 'wait' });
    await agent.said('ready');
    await runSql(spec, 'create table t (id int); insert into t values (7)');
    const before = await everythingOn(place.root);
    expect(before.length).toBeGreaterThan(3);
    agent.process.kill('SIGKILL');
    await agent.ended;
    const runtime = await openHere();
    expect(await everythingOn(place.root)).toEqual([]);
    expect(await runtime.observe({ signal: never })).toMatchObject([
      { ref: spec.ref, state: 'stopped', specHash: `hash-of-${spec.ref}` },
    ]);
    await runtime.apply(spec, { specHash: 'h', signal: never });
    expect((await readRows(spec, 't', keyOf(spec, 'secret'))).body).toEqual([{ id: 7 }]);
  });

  it('goes through every step there is, in this order', async () => {
    const agent = startAgent(place.root, { specs: [await makeSpec(refOf('whole'), await portBlock())] });
    await agent.said('ready');
    expect(agent.steps().filter((step, index, all) => all.indexOf(step) === index)).toEqual(lifeSteps);
  });

  it.each(sample(lifeSteps))(
    'after %j of a first life, the next one makes it whole or removes it',
    async (dieAfter) => {
      const spec = await makeSpec(refOf('half'), await portBlock());
      const agent = startAgent(place.root, { specs: [spec], dieAfter });
      await agent.ended;
      expect(agent.steps().at(-1)).toBe(dieAfter);
      const runtime = await openHere();
      expect(await everythingOn(place.root)).toEqual([]);
      expect(readdirSync(join(place.root, 'projects')).filter((name) => name.includes('.'))).toEqual([]);
      await runtime.apply(spec, { specHash: 'h', signal: never });
      await runtime.probe(spec.ref, { signal: never });
      await runtime.remove(spec.ref, { signal: never });
      expect(readdirSync(join(place.root, 'projects'))).toEqual([]);
    },
  );

  it.each(sample(laterSteps))('after %j of a later life, no data is lost', async (dieAfter) => {
    const spec = await makeSpec(refOf('kept'), await portBlock());
    const earlier = await openRuntime(place.root);
    await earlier.apply(spec, { specHash: 'h', signal: never });
    await runSql(spec, 'create table t (id int); insert into t values (7)');
    await earlier.close();
    const agent = startAgent(place.root, { specs: [spec], dieAfter });
    await agent.ended;
    expect(agent.steps().at(-1)).toBe(dieAfter);
    const runtime = await openHere();
    await runtime.apply(spec, { specHash: 'h', signal: never });
    expect((await readRows(spec, 't', keyOf(spec, 'secret'))).body).toEqual([{ id: 7 }]);
  });

  it('is refused a second time on a root while it lives', async () => {
    await openHere();
    await expect(openRuntime(place.root)).rejects.toThrow(/Another supafleet agent already manages/);
  });
});

type Orders = { specs: LiveSpec[]; dieAfter?: LifeStep; afterwards?: 'wait' | 'remove' };

function startAgent(root: string, { specs, dieAfter, afterwards = 'remove' }: Orders) {
  const script = join(import.meta.dirname, 'agent-process.ts');
  const child = spawn(process.execPath, [script, root], { stdio: ['pipe', 'pipe', 'inherit'] });
  agents.push(child);
  child.stdin.end(JSON.stringify({ specs, dieAfter: dieAfter ?? null, afterwards }));
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const said = (word: string) => eventually(`the agent says ${word}`, async () => output.includes(`${word}\n`), 30_000);
  const steps = () => output.split('\n').flatMap((line) => /^step (.+)$/.exec(line)?.[1] ?? []);
  return { process: child, said, ended, steps };
}

/** Marked processes, and Postgres's own children, which are known by where they work. */
async function everythingOn(root: string): Promise<number[]> {
  const found = await findProcesses(
    ({ environment, workingDirectory }) =>
      environment.get('SUPAFLEET_ROOT') === root || (workingDirectory?.startsWith(`${root}/`) ?? false),
  );
  return found.map(({ pid }) => pid);
}
