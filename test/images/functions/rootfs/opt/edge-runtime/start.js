// Deno with the little of edge-runtime that a main service asks for: `start --main-service DIRECTORY [--ip IP] [--port
// PORT]`, and EdgeRuntime.userWorkers. A worker is a Deno of its own, with the environment it is given and no other.
const args = Deno.args;
const mainService = option('--main-service', null);
if (args[0] !== 'start' || mainService === null)
  fail('edge-runtime: start --main-service DIRECTORY is all that is known here');
const main = await entryOf(mainService);
if (main === null) fail(`edge-runtime: ${mainService} has no index.ts`);

const bootTimeoutMs = 60_000;
const workers = new Map();

globalThis.EdgeRuntime = {
  waitUntil: (promise) => promise,
  userWorkers: { create: (options) => createWorker(options) },
};
// the first Deno.serve of the main service listens here, whatever it says
Deno.env.set('DENO_SERVE_ADDRESS', `tcp:${option('--ip', '0.0.0.0')}:${option('--port', '9000')}`);
for (const signal of ['SIGTERM', 'SIGINT']) Deno.addSignalListener(signal, () => Deno.exit(0));
await import(`file://${main}`);

/** One worker for each directory, until its time is over or it ends. */
async function createWorker({
  servicePath,
  envVars = [],
  memoryLimitMb = 150,
  workerTimeoutMs = 400_000,
  forceCreate,
}) {
  const running = workers.get(servicePath);
  if (running !== undefined && !forceCreate) return await running;
  const starting = startWorker({ servicePath, envVars, memoryLimitMb });
  workers.set(servicePath, starting);
  const forget = () => workers.get(servicePath) === starting && workers.delete(servicePath);
  try {
    const worker = await starting;
    const timer = setTimeout(() => worker.end(), workerTimeoutMs);
    worker.ended.then(() => {
      clearTimeout(timer);
      forget();
    });
    return worker;
  } catch (error) {
    forget();
    throw error;
  }
}

async function startWorker({ servicePath, envVars, memoryLimitMb }) {
  const entry = await entryOf(servicePath);
  if (entry === null) throw named('InvalidWorkerCreation', `${servicePath} has no entry point`);
  const port = freePort();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...['run', '--quiet', '--no-prompt', '--no-lock', '--node-modules-dir=none', '--allow-net', '--allow-env'],
      ...[`--allow-read=${parentOf(servicePath)}`, `--v8-flags=--max-old-space-size=${memoryLimitMb}`, entry],
    ],
    clearEnv: true,
    env: {
      ...Object.fromEntries(envVars),
      PATH: Deno.env.get('PATH'),
      DENO_DIR: Deno.env.get('DENO_DIR'),
      DENO_NO_UPDATE_CHECK: '1',
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
    },
    cwd: servicePath,
    stdin: 'null',
  }).spawn();
  let hasEnded = false;
  const ended = child.status.then(() => {
    hasEnded = true;
  });
  const giveUpAt = Date.now() + bootTimeoutMs;
  while (!(await listens(port))) {
    if (hasEnded) throw named('InvalidWorkerCreation', 'the function ended right after its start');
    if (Date.now() > giveUpAt) {
      child.kill('SIGKILL');
      throw named('InvalidWorkerCreation', 'the function did not call Deno.serve');
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    ended,
    end: () => !hasEnded && child.kill('SIGTERM'),
    async fetch(request) {
      if (hasEnded) throw named('WorkerAlreadyRetired', 'the worker has ended');
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set('x-forwarded-host', request.headers.get('x-forwarded-host') ?? new URL(request.url).host);
      const { method, body, signal } = request;
      try {
        return await fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
          method,
          headers,
          body,
          signal,
          redirect: 'manual',
        });
      } catch (error) {
        if (signal.aborted) throw error;
        throw named(hasEnded ? 'WorkerRequestCancelled' : 'InvalidWorkerResponse', String(error));
      }
    },
  };
}

async function entryOf(directory) {
  for (const name of ['index.ts', 'index.js', 'index.tsx', 'index.mjs']) {
    const found = await Deno.stat(`${directory}/${name}`).catch(() => null);
    if (found?.isFile) return `${directory}/${name}`;
  }
  return null;
}

function freePort() {
  const listener = Deno.listen({ hostname: '127.0.0.1', port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

async function listens(port) {
  const connection = await Deno.connect({ hostname: '127.0.0.1', port }).catch(() => null);
  connection?.close();
  return connection !== null;
}

function parentOf(directory) {
  return directory.replace(/\/[^/]+\/?$/, '');
}

function named(name, message) {
  return Object.assign(new Error(message), { name });
}

function option(name, fallback) {
  const index = args.indexOf(name);
  return index === -1 ? fallback : (args[index + 1] ?? fallback);
}

function fail(message) {
  Deno.stderr.writeSync(new TextEncoder().encode(`${message}\n`));
  Deno.exit(1);
}
