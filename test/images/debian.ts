import { runProgram } from './run-program.ts';
import { Trouble } from './trouble.ts';

export type AptSource = { uri: string; suite: string };

/** Where this machine gets Debian from, in the words of its own apt. Rejects with a Trouble when that cannot be told. */
export async function debianSources(): Promise<AptSource[]> {
  const format = '$(REPO_URI) $(CODENAME)';
  const filters = ['Created-By: Packages', 'Origin: Debian', 'Component: main'];
  const lines = await runProgram('apt-get', ['indextargets', '--format', format, ...filters]);
  const sources = lines
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([uri, suite]) => (uri && suite ? [{ uri, suite }] : []));
  if (sources.length === 0) {
    throw new Trouble('apt knows no Debian here: run `apt-get update` as root, on Debian 12 or newer');
  }
  return [...new Map(sources.map((source) => [`${source.uri} ${source.suite}`, source])).values()];
}

/** The suite this machine runs: the one that others (`-updates`, `-security`) are named after. */
export function mainSource(sources: AptSource[]): AptSource {
  const main = sources.find(({ suite }) => !suite.includes('-'));
  if (main === undefined) throw new Trouble('apt has no main suite of Debian among its sources');
  return main;
}
