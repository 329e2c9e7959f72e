import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findProcesses } from '../../agent/process-table.ts';
import { launcherMark } from '../../launcher/orphans.ts';
import { runService, type ServiceDefinition } from '../../launcher/service.ts';
import { until } from '../support/until.ts';

describe('a program that npm start runs', () => {
  let dataDir: string;
  let told: string[];
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'supafleet-service-'));
    told = [];
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  const run = (script: string, definition: Partial<ServiceDefinition> = {}) =>
    runService(
      {
        name: 'program',
        command: process.execPath,
        args: ['-e', script],
        environment: {},
        cwd: dataDir,
        logFile: join(dataDir, 'program.log'),
        stopWithinMs: 500,
        ...definition,
      },
      { dataDir, now: () => performance.now(), onExit: (text) => told.push(text) },
    );
  const running = () => findProcesses(({ environment }) => environment.get(launcherMark) === dataDir);

  test('that is told to stop before it was started is never started', async () => {
    const service = run('setInterval(() => {}, 1000)');
    await service.stop();
    expect(await running()).toEqual([]);
  });

  test('is started again when it ends by itself', async () => {
    const service = run("console.log('up'); process.exit(7)");
    await until(() => told.length >= 2, { what: 'a second end' });
    await service.stop();
    expect(told[0]).toMatch(/program ended unexpectedly \(exit 7\); see .*program\.log/);
    expect((await readFile(join(dataDir, 'program.log'), 'utf8')).match(/up/g)?.length).toBeGreaterThanOrEqual(2);
  });

  test('is left alone after an exit that another start would not change', async () => {
    const service = run('process.exit(3)', { finalExits: new Map([[3, 'it was revoked']]) });
    await until(() => service.givenUp.aborted, { what: 'the service to be given up' });
    await service.stop();
    expect(told).toEqual(['! it was revoked']);
  });

  test('that ignores being asked to stop is ended all the same', async () => {
    const service = run("process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)");
    await until(async () => (await readFile(join(dataDir, 'program.log'), 'utf8').catch(() => '')).includes('up'), {
      what: 'the program to be up',
    });
    await service.stop();
    expect(await running()).toEqual([]);
  });

  test('gives way to others when it is meant to', async () => {
    const service = run("console.log('niceness', os.getPriority()); setInterval(() => {}, 1000)", { niceness: 10 });
    const log = () => readFile(join(dataDir, 'program.log'), 'utf8').catch(() => '');
    await until(async () => (await log()).includes('niceness'), { what: 'the program to tell' });
    await service.stop();
    expect(await log()).toContain('niceness 10');
  });

  test('goes on when its log cannot be written', async () => {
    const ready = join(dataDir, 'ready');
    const script = `for (let i = 0; i < 5000; i++) console.log('x'.repeat(500)); require('fs').writeFileSync(${JSON.stringify(ready)}, 'ok'); setInterval(() => {}, 1000)`;
    const service = run(script, { logFile: '/dev/full' });
    await until(async () => (await readFile(ready, 'utf8').catch(() => '')) === 'ok', { what: 'the program to go on' });
    await service.stop();
    expect(told).toEqual([]);
  });
});
