import { writeSync } from 'node:fs';
import { z } from 'zod';
import { lifeSteps } from '../../../../agent/runtime/embedded/life-steps.ts';
import { liveSpec } from '../../../../schema/stack-spec.ts';
import { never, openRuntime, recordingLog } from './support.ts';

/*
 * An agent's process to be killed by a test: opens a runtime on the root named in the first argument, and does what comes
 * as one JSON document on standard input: applies the specs, and afterwards removes them or waits for its end. It tells of
 * every step, and dies of its own hand right after the one it was told to.
 */

const orders = z.object({
  specs: liveSpec.array(),
  dieAfter: z.enum(lifeSteps).nullable(),
  afterwards: z.enum(['wait', 'remove']),
});

let text = '';
for await (const chunk of process.stdin) text += String(chunk);
const [root = ''] = process.argv.slice(2);
const { specs, dieAfter, afterwards } = orders.parse(JSON.parse(text));
const runtime = await openRuntime(root, {}, recordingLog(), (step) => {
  say(`step ${step}`);
  if (step === dieAfter) process.kill(process.pid, 'SIGKILL');
});
for (const spec of specs) await runtime.apply(spec, { specHash: `hash-of-${spec.ref}`, signal: never });
if (afterwards === 'remove') {
  for (const { ref } of specs) await runtime.remove(ref, { signal: never });
}
say('ready');
setInterval(() => undefined, 60_000);

/** At once: what is said right before a kill must get out. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
