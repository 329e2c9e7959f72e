import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { debianSources, mainSource } from './debian.ts';
import { runProgram } from './run-program.ts';
import { Trouble } from './trouble.ts';

/** Has newer Caddy and Compose than the suites that machines run; their programs need nothing but an old libc. */
const suite = 'sid';

/**
 * Unpacks one file of a package of a later suite of Debian to `target`: nothing is installed, and this machine's apt
 * stays as it is. `scratch` is a directory for apt's lists, worth keeping between calls. Rejects with a Trouble.
 */
export async function takeFromLaterSuite(name: string, file: string, target: string, scratch: string): Promise<void> {
  const config = await privateApt(scratch);
  const env = { ...process.env, APT_CONFIG: config };
  const downloads = join(scratch, 'downloads', name);
  await rm(downloads, { recursive: true, force: true });
  await mkdir(downloads, { recursive: true });
  const download = () => runProgram('apt-get', ['--quiet', 'download', name], { env, cwd: downloads });
  // lists of an earlier call may do, and may name a version that is gone
  await download().catch(async () => {
    await runProgram('apt-get', ['--quiet', 'update'], { env });
    await download();
  });
  const [archive] = await readdir(downloads);
  if (archive === undefined) throw new Trouble(`apt downloaded no ${name}`);
  await runProgram('dpkg-deb', ['--extract', join(downloads, archive), join(downloads, 'root')]);
  await copyFile(join(downloads, 'root', file), `${target}.new`);
  await rename(`${target}.new`, target);
  await rm(downloads, { recursive: true, force: true });
}

/** A configuration of apt with sources, lists and caches of its own. Answers its path. */
async function privateApt(scratch: string): Promise<string> {
  const { uri } = mainSource(await debianSources());
  for (const directory of ['lists/partial', 'cache/archives/partial', 'state']) {
    await mkdir(join(scratch, directory), { recursive: true });
  }
  await writeFile(join(scratch, 'sources.list'), `deb ${uri} ${suite} main\n`);
  const proxies = await runProgram('apt-config', ['dump', 'Acquire::http::Proxy', 'Acquire::https::Proxy']);
  const config = join(scratch, 'apt.conf');
  await writeFile(
    config,
    [
      `Dir::Etc::SourceList "${scratch}/sources.list";`,
      'Dir::Etc::SourceParts "/dev/null";',
      'Dir::Etc::Parts "/dev/null";',
      `Dir::State "${scratch}/state";`,
      `Dir::State::Lists "${scratch}/lists";`,
      'Dir::State::Status "/var/lib/dpkg/status";',
      `Dir::Cache "${scratch}/cache";`,
      'Acquire::Languages "none";',
      // a mirror that is some days behind is good enough
      'Acquire::Check-Valid-Until "false";',
      'APT::Sandbox::User "root";',
      proxies,
    ].join('\n'),
  );
  return config;
}

/** As a program: `later-suite.ts PACKAGE FILE TARGET SCRATCH`. */
if (process.argv[1] !== undefined && basename(process.argv[1]) === basename(import.meta.filename)) {
  const [name = '', file = '', target = '', scratch = ''] = process.argv.slice(2);
  await takeFromLaterSuite(name, file, target, scratch);
}
