import { writeSync } from 'node:fs';
import { z } from 'zod';
import { lifeSteps } from '../../../../agent/runtime/compose/life-steps.ts';
import { agentSettings } from '../../../../agent/settings.ts';
import { specHash } from '../../../../agent/spec-hash.ts';
import { liveSpec } from '../../../../schema/stack-spec.ts';
import { never } from '../embedded/support.ts';
import { openRuntime } from './support.ts';

/*
 * An agent's process to be killed by a test: opens a runtime on the host that comes with its orders on standard input,
 * does one thing, and dies of its own hand right after the step it was told to.
 */

const orders = z.object({
  engine: z.object({
    socketPath: z.string(),
    environment: z.record(z.string(), z.string()),
    imageMap: z.string(),
  }),
  host: z.object({
    root: z.string(),
    hostId: z.string(),
    portRange: z.object({ first: z.int(), last: z.int() }),
    settings: agentSettings,
  }),
  spec: liveSpec,
  verb: z.enum(['apply', 'stop', 'remove']),
  dieAfter: z.enum(lifeSteps).nullable(),
});

let text = '';
for await (const chunk of process.stdin) text += String(chunk);
const { engine, host, spec, verb, dieAfter } = orders.parse(JSON.parse(text));
const runtime = await openRuntime(engine, host, (step) => {
  writeSync(1, `step ${step}\n`);
  if (step === dieAfter) process.kill(process.pid, 'SIGKILL');
});
if (verb === 'apply') await runtime.apply(spec, { specHash: specHash(spec), signal: never });
else await runtime[verb](spec.ref, { signal: never });
await runtime.close();
process.exit(0);
