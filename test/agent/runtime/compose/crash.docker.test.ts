import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findProcesses } from '../../../../agent/process-table.ts';
import { rootMarker } from '../../../../agent/runtime/compose/compose-cli.ts';
import type { ComposeRuntime } from '../../../../agent/runtime/compose/create-runtime.ts';
import { type LifeStep, lifeSteps } from '../../../../agent/runtime/compose/life-steps.ts';
import { RuntimeFailure } from '../../../../agent/runtime-failure.ts';
import { specHash } from '../../../../agent/spec-hash.ts';
import { labels } from '../../../../agent/stack/labels.ts';
import { profileServices } from '../../../../schema/stack-profiles.ts';
import type { LiveSpec } from '../../../../schema/stack-spec.ts';
import { type DockerEngine, describeWithDocker, labelled, requiredEngine } from '../../../docker/engine.ts';
import { until } from '../../../support/until.ts';
import { makeSpec, never, refOf } from '../embedded/support.ts';
import { makeHost, openRuntime, removeHost, type TestHost } from './support.ts';

const firstPort = 24_200;
const ref = refOf('crash');
const applySteps = lifeSteps.slice(0, lifeSteps.indexOf('edge paused'));
const removeSteps = lifeSteps.slice(lifeSteps.indexOf('route removed'));

/** A full run kills at every step, any other at a few; CRASH_SEED repeats a choice. */
const seed = Number(process.env.CRASH_SEED ?? randomInt(2 ** 31));
function sample(steps: readonly LifeStep[], count: number): readonly LifeStep[] {
  if (process.env.SUPAFLEET_FULL !== undefined) return steps;
  const [few] = fc.sample(fc.subarray([...steps], { minLength: count, maxLength: count }), { seed, numRuns: 1 });
  return few ?? steps;
}

describeWithDocker(`an agent that is killed (CRASH_SEED=${seed})`, () => {
  let engine: DockerEngine;
  let host: TestHost;
  let runtime: ComposeRuntime | null = null;
  let spec: LiveSpec;

  beforeEach(async () => {
    engine = requiredEngine();
    host = await makeHost({ firstPort, addressPool: '10.233.0.0/20' });
    spec = await makeSpec(ref, firstPort, { profile: 'minimal' });
  });
  afterEach(async () => {
    runtime ??= await openRuntime(engine, host);
    await runtime.remove(ref, { signal: never });
    await runtime.close();
    runtime = null;
    await removeHost(engine, host);
  });

  test.each(sample(applySteps, 1))('while it creates, after: %s: the next one goes on', async (dieAfter) => {
    await runAgent('apply', dieAfter);
    await convergeAnew();
  });

  test.each(sample(applySteps.slice(2), 1))('while it changes, after: %s: nothing is lost', async (dieAfter) => {
    await runAgent('apply', null);
    await sql('create table kept (id int); insert into kept values (7)');
    spec = { ...spec, generation: 2, restarts: 1, size: 'small' };
    await runAgent('apply', dieAfter);
    await convergeAnew();
    expect(await sql('select id from kept')).toEqual([{ id: 7 }]);
  });

  test.each(sample(removeSteps, 1))('while it removes, after: %s: the next one leaves nothing', async (dieAfter) => {
    await runAgent('apply', null);
    await runAgent('remove', dieAfter);
    runtime = await openRuntime(engine, host);
    await runtime.remove(ref, { signal: never });
    expect(await labelled(engine, `${labels.ref}=${ref}`)).toEqual({ containers: [], networks: [], volumes: [] });
    expect(await readdir(join(host.root, 'projects'))).toEqual([]);
  });

  test('Compose that is killed in the middle of a start leaves nothing that the next start does not repair', async () => {
    runtime = await openRuntime(engine, host);
    await runtime.prepare(never);
    const applying = runtime.apply(spec, { specHash: specHash(spec), signal: never });
    // where the database was ready by then, the same call starts the rest once more
    const settled = applying.catch((error: unknown) => expect(error).toBeInstanceOf(RuntimeFailure));
    await until(async () => (await labelled(engine, `${labels.ref}=${ref}`)).containers.length > 0, {
      what: 'a container',
    });
    const ours = await findProcesses(({ environment }) => environment.get(rootMarker) === host.root);
    for (const { pid } of ours) process.kill(pid, 'SIGKILL');
    await settled;
    await runtime.apply(spec, { specHash: specHash(spec), signal: never });
    await runtime.probe(ref, { signal: never });
  });

  /** Runs an agent to its end, by its own hand or because its work is done. */
  function runAgent(verb: 'apply' | 'remove', dieAfter: LifeStep | null): Promise<void> {
    const entry = fileURLToPath(new URL('./agent-process.ts', import.meta.url));
    const agent = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: process.env,
    });
    const { socketPath, environment, imageMap } = engine;
    agent.stdin.end(JSON.stringify({ engine: { socketPath, environment, imageMap }, host, spec, verb, dieAfter }));
    let said = '';
    for (const stream of [agent.stdout, agent.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    return new Promise((resolve, reject) => {
      agent.once('close', (code, signal) => {
        if (dieAfter === null ? code === 0 : signal === 'SIGKILL') resolve();
        else reject(new Error(`the agent failed, or never came to ${dieAfter}: ${said}`));
      });
    });
  }

  async function convergeAnew(): Promise<void> {
    runtime = await openRuntime(engine, host);
    await runtime.apply(spec, { specHash: specHash(spec), signal: never });
    await runtime.probe(ref, { signal: never });
    const [stack] = await runtime.observe({ signal: never });
    expect(stack).toMatchObject({ ref, state: 'running', specHash: specHash(spec), drift: [] });
    const { containers, networks } = await labelled(engine, `${labels.ref}=${ref}`);
    const wanted = profileServices.minimal.map((service) => `supafleet-${ref}-${service}-1`);
    expect({ containers: containers.sort(), networks }).toEqual({
      containers: wanted.sort(),
      networks: [`supafleet-${ref}_default`],
    });
  }

  async function sql(text: string): Promise<unknown[]> {
    const place = { host: '10.233.0.2', port: 5432, user: 'postgres', database: 'postgres' };
    const client = new Client({ ...place, password: spec.secrets.dbPassword });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }
});
