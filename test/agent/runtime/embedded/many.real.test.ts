import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedRuntime } from '../../../../agent/runtime/embedded/create-runtime.ts';
import type { LiveSpec } from '../../../../schema/stack-spec.ts';
import { portBlock } from '../../../support/port-block.ts';
import { runSql } from './gateway-client.ts';
import { makeRoot, makeSpec, never, openRuntime, processesOf, refOf } from './support.ts';

describe('ten projects on one host', () => {
  let place: Awaited<ReturnType<typeof makeRoot>>;
  let runtime: EmbeddedRuntime;
  const specs: LiveSpec[] = [];

  beforeAll(async () => {
    place = await makeRoot();
    runtime = await openRuntime(place.root);
    await runtime.prepare(never);
  });
  afterAll(async () => {
    await runtime.close();
    await place.remove();
  });

  it('all come up, and an idle one stays below its share of memory', async () => {
    const took: number[] = [];
    for (const letter of 'abcdefghij') {
      const spec = await makeSpec(refOf(`many${letter}`), await portBlock());
      const startedAt = performance.now();
      await runtime.apply(spec, { specHash: 'h', signal: never });
      took.push(Math.round(performance.now() - startedAt));
      specs.push(spec);
    }
    await Promise.all(specs.map((spec) => runtime.probe(spec.ref, { signal: never })));
    const megabytes = await Promise.all(specs.map((spec) => memoryOf(place.root, spec.ref)));
    const shared = (await processesOf(place.root, undefined, 'pg_meta')).map(proportionalMegabytes);
    process.stdout.write(
      `apply ms: ${took.join(' ')}\nidle MB each: ${megabytes.join(' ')}; pg_meta: ${shared.join(' ')}\n`,
    );
    for (const each of megabytes) expect(each).toBeLessThan(120);
  });

  it('keep their data apart', async () => {
    await Promise.all(specs.map((spec) => runSql(spec, `create table mine as select '${spec.ref}' as ref`)));
    const answers = await Promise.all(specs.map((spec) => runSql(spec, 'select ref from mine')));
    expect(answers.map(({ body }) => body)).toEqual(specs.map(({ ref }) => [{ ref }]));
  });

  it('answer a probe as cheaply with two thousand tables', async () => {
    const [spec] = specs;
    if (spec === undefined) throw new Error('no project');
    const created = await runSql(
      spec,
      "do $$ begin for i in 1..2000 loop execute format('create table wide_%s (id int primary key, a text, b int)', i); end loop; end $$",
    );
    expect(created.status).toBe(200);
    await runtime.probe(spec.ref, { signal: never });
    const startedAt = performance.now();
    for (let round = 0; round < 20; round += 1) await runtime.probe(spec.ref, { signal: never });
    process.stdout.write(`probe with 2000 tables: ${((performance.now() - startedAt) / 20).toFixed(1)} ms\n`);
  });

  it('are all stopped cleanly within the time an end of the agent may take', async () => {
    const startedAt = performance.now();
    await runtime.close();
    process.stdout.write(`close of ten: ${Math.round(performance.now() - startedAt)} ms\n`);
    expect(await processesOf(place.root)).toEqual([]);
    const logs = specs.map(({ ref }) => readFileSync(`${place.root}/projects/${ref}/logs/db.log`, 'utf8'));
    for (const log of logs) expect(log.trimEnd().split('\n').at(-1)).toContain('database system is shut down');
    // The first one has thousands of new files to bring to disk; where that takes too long, it recovers at its next start.
    for (const log of logs.slice(1)) expect(log).not.toContain('immediate shutdown');
    process.stdout.write(`cut short: ${logs.filter((log) => log.includes('immediate shutdown')).length}\n`);
  });
});

/** Megabytes that a project's processes, Postgres's server processes included, take for themselves. */
async function memoryOf(root: string, ref: string): Promise<number> {
  const marked = await processesOf(root, ref);
  const pids = new Set([...marked, ...marked.flatMap(childrenOf)]);
  return [...pids].reduce((sum, pid) => sum + proportionalMegabytes(pid), 0);
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

function proportionalMegabytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes ?? 0) / 1024);
}
