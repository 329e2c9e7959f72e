import { createHash } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { initdbArguments } from '../../converge/bootstrap.ts';
import { converge, convergeVersion } from '../../converge/converge.ts';
import { convergeSteps } from '../../converge/steps.ts';
import { syncDirectory } from '../../write-whole.ts';
import { namesIn, removeTree } from '../file-tree.ts';
import type { Binaries } from './binaries.ts';
import { convergeOptions, convergeShape } from './converge-options.ts';
import { makeDirectory } from './directories.ts';
import type { Host } from './host.ts';
import { asSuperuser, startPostgres, stopPostgres } from './postgres.ts';
import { runTool } from './run-tool.ts';

type TemplateHost = Pick<
  Host,
  'paths' | 'identity' | 'agentUser' | 'clock' | 'log' | 'binaries' | 'randomBytes' | 'onStep'
>;

/**
 * The host's template cluster: initialized, converged, cleanly stopped. Built once per version of what it is made of, under
 * another name until it is whole. Returns its data directory.
 */
export async function ensureTemplate(host: TemplateHost, signal: AbortSignal): Promise<string> {
  const binaries = await host.binaries();
  const name = templateName(binaries);
  const home = join(host.paths.templates, name);
  const names = await namesIn(host.paths.templates);
  if (names.includes(name)) return join(home, 'data');
  for (const stale of names) await removeTree(join(host.paths.templates, stale));
  const building = `${home}.building`;
  await makeDirectory(building, 0o711, null);
  await makeDirectory(join(building, 'data'), 0o700, host.identity);
  host.onStep('template begun');
  await initialize(binaries, join(building, 'data'), host, signal);
  host.onStep('template initialized');
  await convergeTemplate(host, building, signal);
  await runTool('sync', ['--file-system', building], { root: host.paths.root, signal });
  await rename(building, home);
  await syncDirectory(host.paths.templates);
  host.onStep('template named');
  return join(home, 'data');
}

function templateName(binaries: Binaries): string {
  const made = JSON.stringify([initdbArguments, clusterShape, convergeVersion(convergeSteps(convergeShape))]);
  return `${binaries.postgresVersion}-${createHash('sha256').update(made).digest('hex').slice(0, 12)}`;
}

/** Small segments: a fresh cluster is copied for each project, and WAL is half of it. */
const clusterShape = ['--wal-segsize=4', '--data-checksums'];

async function initialize(binaries: Binaries, data: string, host: TemplateHost, signal: AbortSignal): Promise<void> {
  await runTool(binaries.initdb, ['-D', data, ...initdbArguments, ...clusterShape], {
    root: host.paths.root,
    identity: host.identity,
    workingDirectory: data,
    signal,
  });
}

async function convergeTemplate(host: TemplateHost, building: string, signal: AbortSignal): Promise<void> {
  const socketDirectory = join(host.paths.sockets, 'template');
  await makeDirectory(socketDirectory, 0o700, host.identity);
  const place = {
    ref: null,
    data: join(building, 'data'),
    config: join(building, 'config'),
    socketDirectory,
    port: null,
    logFile: join(host.paths.logs, 'template.log'),
  };
  const running = await startPostgres(host, place, signal);
  try {
    // Nobody ever learns this password; each project's apply sets its own.
    const options = convergeOptions(host, Buffer.from(host.randomBytes(24)).toString('hex'));
    await asSuperuser(running, (client) => converge(client, options));
    host.onStep('template converged');
  } finally {
    await stopPostgres(running);
    await removeTree(socketDirectory);
  }
  host.onStep('template stopped');
}
