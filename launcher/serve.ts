import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call } from './api.ts';
import { StartFailure } from './failure.ts';
import { mailWay } from './mail.ts';
import { migrateOnceThere } from './migrate-once-there.ts';
import type { ServeSettings } from './serve-settings.ts';
import { runService, type Service, type ServiceDefinition } from './service.ts';
import { runTicks } from './ticks.ts';
import { waitForAnswer } from './wait-for-answer.ts';
import { hasherService, workerService } from './workerd.ts';

export type ServeContext = {
  /** holds worker.js, hasher.js and mailer.js */
  bundles: string;
  /** of this start only: for what nobody but this process has to know */
  randomToken(): string;
  note(line: string): void;
  now(): number;
  signal: AbortSignal;
};

/** `supafleet-worker serve`: hasher, worker and ticks on a database somebody else runs; returns once all is stopped. */
export async function serve(settings: ServeSettings, context: ServeContext): Promise<void> {
  const { note, now, signal } = context;
  // workerd embeds what lies beside its configuration, and the image may be read-only
  const runtimeDir = await mkdtemp(join(tmpdir(), 'supafleet-worker-'));
  const services: Service[] = [];
  const run = (definition: ServiceDefinition) => {
    services.push(runService(definition, { dataDir: runtimeDir, now, onExit: note }));
  };
  try {
    await bringUp(settings, { ...context, runtimeDir, run });
    if (!signal.aborted) await once(signal, 'abort');
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.allSettled(services.map((service) => service.stop()));
    await rm(runtimeDir, { recursive: true, force: true });
  }
  note('· stopped');
}

type BringUp = ServeContext & { runtimeDir: string; run(definition: ServiceDefinition): void };

async function bringUp(settings: ServeSettings, context: BringUp): Promise<void> {
  const { bundles, note, now, signal, runtimeDir, run } = context;
  await migrateOnceThere(settings.databaseUrl, settings.databaseToken, context);
  note('✓ the database is there and has this version’s tables');
  for (const name of ['worker.js', 'hasher.js', 'mailer.js'])
    await copyFile(join(bundles, name), join(runtimeDir, name));
  const hasherSocket = join(runtimeDir, 'hasher.sock');
  const tokens = {
    TICK_TOKEN: settings.variables.TICK_TOKEN ?? context.randomToken(),
    BOOTSTRAP_TOKEN: settings.variables.BOOTSTRAP_TOKEN ?? context.randomToken(),
  };
  run(await hasherService({ buildDir: runtimeDir, hasherSocket, logFile: null }));
  run(
    await workerService({
      buildDir: runtimeDir,
      address: `${settings.host}:${settings.port}`,
      hasherSocket,
      databaseAddress: null,
      logFile: null,
      mail: await mailWay(settings.mail),
      variables: { ...settings.variables, ...tokens },
    }),
  );
  const url = `http://127.0.0.1:${settings.port}`;
  await waitForAnswer(`${url}/health`, { what: 'the worker', log: 'the lines above', now, signal });
  if (settings.admin !== null) await makeFirstAccount(url, tokens.BOOTSTRAP_TOKEN, settings.admin, note);
  runTicks({ url, token: tokens.TICK_TOKEN, signal, note });
  note(`✓ serving ${settings.variables.PUBLIC_URL} on port ${settings.port}`);
}

async function makeFirstAccount(
  url: string,
  token: string,
  admin: NonNullable<ServeSettings['admin']>,
  note: (line: string) => void,
): Promise<void> {
  const { email, password, accessToken, organizationName } = admin;
  const made = await call(`${url}/bootstrap`, {
    method: 'POST',
    token,
    body: { email, password, organization_name: organizationName, access_token: accessToken },
  });
  if (made.status === 201) return note(`✓ the first account is ${email}, with the organization ${organizationName}`);
  // there are accounts already, so this is not the first start
  if (made.status === 409) return;
  throw new StartFailure(`The first account could not be made (${made.status}): ${JSON.stringify(made.body)}`);
}
