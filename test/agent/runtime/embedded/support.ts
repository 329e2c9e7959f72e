import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Clock, Log } from '../../../../agent/deps.ts';
import { findProcesses } from '../../../../agent/process-table.ts';
import {
  createEmbeddedRuntime,
  type EmbeddedOptions,
  type EmbeddedRuntime,
} from '../../../../agent/runtime/embedded/create-runtime.ts';
import type { LifeStep } from '../../../../agent/runtime/embedded/life-steps.ts';
import type { LiveSpec, SigningKey } from '../../../../schema/stack-spec.ts';
import { serviceSecretsOf } from '../../../support/specs.ts';

export const clock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, { signal }).catch(() => undefined),
};

export type LogLine = { level: string; message: string; fields: Record<string, unknown> };

/** A log whose lines a test can look at. */
export function recordingLog(): Log & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const record =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      lines.push({ level, message, fields });
    };
  return { lines, info: record('info'), warn: record('warn'), error: record('error') };
}

/** A root that an unprivileged user can enter, and its removal. */
export async function makeRoot(): Promise<{ root: string; remove(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'sf-'));
  await chmod(root, 0o711);
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}

export function openRuntime(
  root: string,
  options: Partial<EmbeddedOptions> = {},
  log = recordingLog(),
  onStep: (step: LifeStep) => void = () => undefined,
): Promise<EmbeddedRuntime> {
  return createEmbeddedRuntime(
    { root, temporary: tmpdir(), agentUser: userInfo().username, node: process.execPath, ...options },
    { clock, log, randomBytes: (size) => randomBytes(size), onStep },
  );
}

/** A whole spec with real keys. */
export async function makeSpec(ref: string, firstPort: number, changes: Partial<LiveSpec> = {}): Promise<LiveSpec> {
  const jwtSecret = randomBytes(32).toString('hex');
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const { x, y, d } = await exportJWK(privateKey);
  const kid = randomBytes(8).toString('hex');
  const signingKey: SigningKey = { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '', d: d ?? '', kid, alg: 'ES256' };
  const shared = new TextEncoder().encode(jwtSecret);
  const sign = (role: string) => new SignJWT({ role, iss: 'supabase' }).setIssuedAt().setExpirationTime('5y');
  const secrets = {
    dbPassword: randomBytes(16).toString('hex'),
    jwtSecret,
    signingKey,
    anonKey: await sign('anon').setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(shared),
    serviceRoleKey: await sign('service_role').setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(shared),
    anonKeyAsymmetric: await sign('anon').setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid }).sign(privateKey),
    serviceRoleKeyAsymmetric: await sign('service_role')
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid })
      .sign(privateKey),
    apiKeys: [
      { name: 'default', type: 'publishable' as const, key: `sb_publishable_${randomBytes(16).toString('hex')}` },
      { name: 'default', type: 'secret' as const, key: `sb_secret_${randomBytes(16).toString('hex')}` },
    ],
    services: serviceSecretsOf('a'),
  };
  return {
    ref,
    generation: 1,
    power: 'running',
    restarts: 0,
    release: '2026.09',
    postgresVersion: '17',
    profile: 'standard',
    size: 'micro',
    firstPort,
    rest: {
      schemas: ['public', 'storage', 'graphql_public'],
      extraSearchPath: ['public', 'extensions'],
      maxRows: 1000,
    },
    secrets,
    ...changes,
  };
}

/** The ref of a test project: readable, and 20 letters long. */
export function refOf(name: string): string {
  return name.padEnd(20, 'x').slice(0, 20);
}

/** Process ids that carry this root's marker, optionally of one project or service. */
export async function processesOf(root: string, ref?: string, service?: string): Promise<number[]> {
  const found = await findProcesses(
    ({ environment }) =>
      environment.get('SUPAFLEET_ROOT') === root &&
      (ref === undefined || environment.get('SUPAFLEET_REF') === ref) &&
      (service === undefined || environment.get('SUPAFLEET_SERVICE') === service),
  );
  return found.map(({ pid }) => pid);
}

/** Polls until `check` holds; fails with `what` after the deadline. */
export async function eventually(what: string, check: () => Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`did not happen in time: ${what}`);
    await wait(25);
  }
}

export const never = new AbortController().signal;

/** Whether anyone listens on this loopback port. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
