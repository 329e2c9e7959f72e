import { analytics } from './analytics.ts';
import { auth } from './auth.ts';
import { type Double, Misconfigured } from './double.ts';
import { imgproxy } from './imgproxy.ts';
import { realtime } from './realtime.ts';
import { createDoubleServer } from './serve.ts';
import { storage } from './storage.ts';
import { supavisor } from './supavisor.ts';
import { vector } from './vector.ts';

const doubles: Record<string, Double> = { analytics, auth, imgproxy, realtime, storage, supavisor, vector };

async function main(): Promise<void> {
  const name = process.env.DOUBLE ?? '';
  const double = doubles[name];
  if (double === undefined) throw new Misconfigured(`DOUBLE names no service: ${Object.keys(doubles).join(', ')}`);
  const place = await double.check(process.env, process.argv.slice(2));
  if (place === 'finished') return;
  const server = createDoubleServer(name, double, process.env);
  server.listen(place.port, place.host, () => process.stdout.write(`double of ${name} listens on ${place.port}\n`));
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0));
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Misconfigured)) throw error;
  process.stderr.write(`${process.env.DOUBLE ?? 'double'}: ${error.message}\n`);
  process.exitCode = 1;
}
