import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seconds } from './build-image.ts';
import { debianSources, mainSource } from './debian.ts';
import type { Engine } from './engine.ts';
import { runProgram } from './run-program.ts';
import { Trouble } from './trouble.ts';

/** What upstream's images call in their health checks and entry points, and what those need. */
const packages = [
  ...['bash', 'dash', 'coreutils', 'util-linux', 'findutils', 'grep', 'sed'],
  ...['curl', 'wget', 'ca-certificates', 'postgresql-client', 'libstdc++6', 'libc-bin', 'tzdata'],
];

/** A small Debian that all images stand on: packages unpacked, nothing installed. Answers its name. */
export async function buildBase(engine: Engine, log: (line: string) => void): Promise<string> {
  const script = join(import.meta.dirname, 'base/complete');
  const hash = createHash('sha256')
    .update(packages.join())
    .update(await readFile(script));
  const image = `supafleet-test/base:${hash.digest('hex').slice(0, 12)}`;
  if (engine.images.has(image)) return image;
  const startedMs = performance.now();
  if (process.getuid?.() !== 0) {
    throw new Trouble('The images are made of Debian packages, which takes root: run this as root');
  }
  const sources = await debianSources();
  const lines = sources.map(({ uri, suite }) => `deb ${uri} ${suite} main`);
  const directory = await mkdtemp(join(tmpdir(), 'supafleet-base-'));
  try {
    const archive = join(directory, 'base.tar');
    const options = ['--quiet', '--variant=extract', '--mode=root', `--include=${packages.join()}`];
    const args = [...options, `--extract-hook=${script}`, mainSource(sources).suite, archive, '-'];
    await runProgram('mmdebstrap', args, { input: `${lines.join('\n')}\n` }).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Trouble(`${reason}\nIs it there? \`apt-get install mmdebstrap\``, { cause });
    });
    await engine.import(image, archive, ['ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  log(`base built (${seconds(startedMs)})`);
  return image;
}
