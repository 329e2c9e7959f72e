import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createEmbeddedRuntime } from '../../agent/runtime/embedded/create-runtime.ts';
import type { LiveSpec, StackSecrets } from '../../schema/stack-spec.ts';
import { projectSecretsPlace } from '../../worker/projects/sealed-places.ts';
import { makeSpec } from '../agent/runtime/embedded/support.ts';
import type { TestApp } from './app.ts';

export type LiveProject = { spec: LiveSpec; stop(): Promise<void> };

/** A real stack in the embedded runtime for a project that stands in the test's database, which is told where it is. */
export async function startLiveProject(test: TestApp, ref: string, firstPort: number): Promise<LiveProject> {
  const root = await mkdtemp(join(tmpdir(), 'sf-'));
  await chmod(root, 0o711);
  const runtime = await createEmbeddedRuntime(
    { root, temporary: tmpdir(), agentUser: userInfo().username, node: process.execPath },
    {
      clock: {
        now: () => Date.now(),
        sleep: (milliseconds, signal) => wait(milliseconds, undefined, { signal }).catch(() => undefined),
      },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      randomBytes: (size) => randomBytes(size),
    },
  );
  const stop = async () => {
    await runtime.close();
    await rm(root, { recursive: true, force: true });
  };
  try {
    const spec = await makeSpec(ref, firstPort);
    await runtime.apply(spec, { specHash: 'one', signal: new AbortController().signal });
    await storeSecrets(test, ref, spec.secrets);
    await test.client.execute({
      sql: 'update observations set gateway_endpoint = ? where ref = ?',
      args: [`localhost:${firstPort}`, ref],
    });
    return { spec, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Gives a seeded project secrets, sealed as `POST /platform/projects` seals them. */
export async function storeSecrets(test: TestApp, ref: string, secrets: StackSecrets): Promise<void> {
  const { apiKeys: _, ...own } = secrets;
  const sealed = await test.deps.vault.seal(JSON.stringify(own), projectSecretsPlace(ref));
  await test.client.execute({
    sql: 'insert or replace into project_secrets (ref, sealed) values (?, ?)',
    args: [ref, sealed],
  });
}
