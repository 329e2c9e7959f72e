import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHostFile } from '../agent/host-file.ts';
import { labels } from '../agent/stack/labels.ts';
import { startAgent } from './agent.ts';
import { bundleWorkers } from './bundle.ts';
import type { LauncherConfig } from './config.ts';
import { makeDataDir } from './data-dir.ts';
import { StartFailure } from './failure.ts';
import { isOtherAdmin, prepareFirstAccount } from './first-account.ts';
import { prepareFirstProject } from './first-project.ts';
import { freePort, isTaken } from './free-port.ts';
import { lockDataDir } from './lock.ts';
import { mailWay } from './mail.ts';
import { applyMigrations } from './migrate.ts';
import { endOrphans } from './orphans.ts';
import { databaseToken, loadOrCreateSecrets } from './secrets.ts';
import { runService, type Service, type ServiceDefinition } from './service.ts';
import { sqldService } from './sqld.ts';
import type { Steps } from './steps.ts';
import { writeSummary } from './summary.ts';
import { runTicks } from './ticks.ts';
import { waitForAnswer } from './wait-for-answer.ts';
import { hasherService, workerService } from './workerd.ts';

export type StartContext = { steps: Steps; now(): number; signal: AbortSignal };

/** Everything of `npm start`, in order; returns once all of it is stopped again. */
export async function start(config: LauncherConfig, context: StartContext): Promise<void> {
  const { steps, now, signal } = context;
  const started = now();
  await makeDataDir(config.dataDir);
  const lock = await lockDataDir(config.dataDir);
  const left = await endOrphans(config.dataDir, now);
  if (left > 0) steps.note(`· ended ${left} ${left === 1 ? 'process' : 'processes'} left over from an earlier start`);
  if (await isTaken(config.host, config.port)) {
    throw new StartFailure(`Port ${config.port} is in use by another program. Choose another one: PORT=8788 npm start`);
  }
  // sockets here: a path in the data directory could be longer than a socket's may be
  const runtimeDir = await mkdtemp(join(tmpdir(), 'supafleet-'));
  const services: Service[] = [];
  const run = (definition: ServiceDefinition) => {
    const service = runService(definition, { dataDir: config.dataDir, now, onExit: steps.note });
    services.push(service);
    return service;
  };
  try {
    await bringUp(config, { ...context, run, runtimeDir, started });
    if (!signal.aborted) await once(signal, 'abort');
    steps.note('\n· stopping …');
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    // the agent first, so that Postgres ends cleanly while its control plane still answers; then what it relied on
    const [agents, others] = [services.filter(isAgent), services.filter((service) => !isAgent(service))];
    await Promise.allSettled(agents.map((service) => service.stop()));
    await Promise.allSettled(others.map((service) => service.stop()));
    await rm(runtimeDir, { recursive: true, force: true });
    lock.close();
  }
  steps.note(config.runtime === 'embedded' ? allStopped : await containersRunOn(config));
}

const allStopped = '✓ everything stopped; the next npm start goes on from here';

async function containersRunOn({ dataDir }: LauncherConfig): Promise<string> {
  const host = await readHostFile(join(dataDir, 'host'));
  const filter = `label=${labels.host}=${host?.hostId ?? ''}`;
  return (
    "✓ control plane and agent stopped; the projects' containers run on, and the next npm start takes them over\n" +
    "  until then the projects' APIs answer, and Postgres is not reached by the front door\n" +
    `  to stop them as well: docker stop $(docker ps --quiet --filter ${filter})`
  );
}

function isAgent({ name }: Service): boolean {
  return name === 'agent';
}

type BringUp = StartContext & { run(definition: ServiceDefinition): Service; runtimeDir: string; started: number };

async function bringUp(config: LauncherConfig, context: BringUp): Promise<void> {
  const { steps, now, signal, run, runtimeDir } = context;
  const buildDir = join(config.dataDir, 'build');
  const logs = join(config.dataDir, 'logs');
  // the data directory itself lets the user through that runs Postgres
  for (const directory of [buildDir, logs, join(config.dataDir, 'database')]) {
    await mkdir(directory, { recursive: true });
    await chmod(directory, 0o700);
  }
  const secrets = await loadOrCreateSecrets(config.dataDir, config.admin);
  const databaseUrl = await steps.run('database (sqld) and migrations', async () => {
    const port = await freePort();
    const { dataDir } = config;
    run(sqldService({ port, publicKey: secrets.database.publicKey, dataDir, logFile: join(logs, 'sqld.log') }));
    const url = `http://127.0.0.1:${port}`;
    await waitForAnswer(`${url}/health`, { what: 'sqld', log: join(logs, 'sqld.log'), now, signal });
    await applyMigrations(url, await databaseToken(secrets));
    return url;
  });
  await steps.run('worker and hasher (workerd)', async () => {
    const hasherSocket = join(runtimeDir, 'hasher.sock');
    await bundleWorkers(buildDir);
    run(await hasherService({ buildDir, hasherSocket, logFile: join(logs, 'hasher.log') }));
    run(
      await workerService({
        buildDir,
        address: `${config.host}:${config.port}`,
        hasherSocket,
        databaseAddress: new URL(databaseUrl).host,
        logFile: join(logs, 'worker.log'),
        mail: await mailWay(config.mail),
        variables: {
          ...config.handedOn,
          PUBLIC_URL: config.publicUrl,
          DATABASE_URL: databaseUrl,
          DATABASE_TOKEN: await databaseToken(secrets),
          JWT_KEYS: JSON.stringify(secrets.jwtKeys),
          KEKS: secrets.keks,
          CORS_ORIGINS: config.studioOrigins,
          STUDIO_URL: config.studioUrl ?? '',
          SIGNUPS: config.signups,
          ...(config.authProviders !== null && { AUTH_PROVIDERS: config.authProviders }),
          TICK_TOKEN: secrets.tickToken,
          BOOTSTRAP_TOKEN: secrets.bootstrapToken,
        },
      }),
    );
    await waitForAnswer(`${localUrl(config)}/health`, {
      what: 'the worker',
      log: join(logs, 'worker.log'),
      now,
      signal,
    });
  });
  const account = await steps.run('account and organization', () =>
    prepareFirstAccount({ url: localUrl(config), config, secrets }),
  );
  if (isOtherAdmin(config, secrets.admin)) {
    steps.note(
      `! ADMIN_EMAIL and ADMIN_PASSWORD count at the first start only: the account stays ${secrets.admin.email}`,
    );
  }
  const agent = await steps.run(`agent (${config.runtime} runtime)`, (progress) =>
    startAgent({
      url: localUrl(config),
      account,
      dataDir: config.dataDir,
      buildDir,
      runtime: config.runtime,
      docker: config.docker,
      portRange: config.portRange,
      logs,
      run,
      progress,
      now,
      signal,
    }),
  );
  const project = await steps.run(`project "${config.projectName}"`, (progress) =>
    prepareFirstProject({ url: localUrl(config), account, agent, config, progress, now, signal }),
  );
  runTicks({ url: localUrl(config), token: secrets.tickToken, signal, note: steps.note });
  await writeSummary({ config, account, agent, project, tookMs: now() - context.started, steps });
}

/** Where the launcher itself reaches the worker, whatever the public URL is. */
function localUrl(config: LauncherConfig): string {
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${config.port}`;
}
