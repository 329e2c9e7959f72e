// Whether node_modules is what the lock file names, and how to make it so. Plain JavaScript: runs before anything is
// installed.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** True when every package of the lock file that fits this system is there in its version. */
export function isInstalled(root) {
  const locked = readPackages(join(root, 'package-lock.json'));
  // npm writes this one last, so an interrupted installation has none
  const present = readPackages(join(root, 'node_modules/.package-lock.json'));
  if (locked === null || present === null) return false;
  const direct = Object.keys(locked['']?.optionalDependencies ?? {}).map((name) => `node_modules/${name}`);
  return Object.entries(locked).every(([path, wanted]) => {
    if (path === '') return true;
    const found = present[path];
    return found === undefined ? mayBeMissing(wanted, direct.includes(path)) : found.version === wanted.version;
  });
}

/**
 * Installs the versions and checksums of the lock file without changing it; resolves to npm's exit code. Not `npm ci`:
 * that refuses a lock file which leaves out optional packages of other systems, as one made where a registry lacks them.
 */
export function install(root) {
  const fromNpm = process.env.npm_execpath;
  const args = ['install', '--no-save', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const [command, prefix] = fromNpm?.endsWith('.js') ? [process.execPath, [fromNpm]] : ['npm', []];
  return new Promise((resolve) => {
    const child = spawn(command, [...prefix, ...args, '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
    child.on('error', (error) => {
      console.error(String(error));
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? null;
  } catch {
    // missing or cut off: both mean "not installed"
    return null;
  }
}

/** npm leaves out optional packages of other systems, and what only those need (which names no system itself). */
function mayBeMissing(entry, isDirect) {
  if (entry.optional !== true) return false;
  const namesSystem = entry.os !== undefined || entry.cpu !== undefined;
  return namesSystem || isDirect ? !fits(entry) : true;
}

function fits(entry) {
  return matches(entry.os, process.platform) && matches(entry.cpu, process.arch) && matches(entry.libc, 'glibc');
}

function matches(allowed, own) {
  return allowed === undefined || allowed.includes(own);
}
