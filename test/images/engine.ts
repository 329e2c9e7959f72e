import { runProgram } from './run-program.ts';
import { Trouble } from './trouble.ts';

/** The local engine, through the `docker` program of this machine; DOCKER_HOST and DOCKER_CONFIG count as usual. */
export type Engine = {
  /** names of this repository's images that were there at the start, or were made since */
  images: ReadonlySet<string>;
  /** Builds the Dockerfile in a directory. Rejects with a Trouble. */
  build(image: string, directory: string): Promise<void>;
  /** Makes an image of an archive of files, with these Dockerfile instructions. Rejects with a Trouble. */
  import(image: string, archive: string, changes: string[]): Promise<void>;
};

/** Connects. Rejects with a Trouble that says what to do when no engine answers. */
export async function openEngine(environment: NodeJS.ProcessEnv): Promise<Engine> {
  // the builder that every engine has built in: no plug-in needed, nothing looked up elsewhere
  const env = { ...environment, DOCKER_BUILDKIT: '0' };
  const list = ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', '--filter', 'reference=supafleet-*/*'];
  const listed = await runProgram('docker', list, { env }).catch((cause: unknown) => {
    const place = environment.DOCKER_HOST ?? 'the default socket';
    const advice = 'start one, or let .ci/engine bring its own (as root, on Debian)';
    throw new Trouble(`No Docker engine answers at ${place}: ${advice}`, { cause });
  });
  const images = new Set(listed.split('\n'));
  return {
    images,
    async build(image, directory) {
      await runProgram('docker', ['build', '--quiet', '--tag', image, directory], { env });
      images.add(image);
    },
    async import(image, archive, changes) {
      const options = changes.flatMap((change) => ['--change', change]);
      await runProgram('docker', ['import', ...options, archive, image], { env });
      images.add(image);
    },
  };
}
