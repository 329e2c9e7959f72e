import { liveSpec } from '../../../../schema/stack-spec.ts';
import { never, openRuntime } from './support.ts';

/*
 * An agent's process to be killed by a test: opens a runtime on the root named in the first argument, applies the specs
 * that come as one JSON line on standard input, says `ready`, and waits for its end.
 */

let text = '';
for await (const chunk of process.stdin) text += String(chunk);
const [root = ''] = process.argv.slice(2);
const specs = liveSpec.array().parse(JSON.parse(text));
const runtime = await openRuntime(root);
process.stdout.write('open\n');
for (const spec of specs) {
  await runtime.apply(spec, { specHash: `hash-of-${spec.ref}`, signal: never });
  process.stdout.write(`applied ${spec.ref}\n`);
}
process.stdout.write('ready\n');
setInterval(() => undefined, 60_000);
