import { z } from 'zod';
import { callOk } from '../launcher/api.ts';
import type { DevFile } from '../launcher/dev-file.ts';
import { quantile, type Row } from './table.ts';

const session = z.object({ access_token: z.string() });

/** An access token of the installation's first account. */
export async function signIn(dev: DevFile): Promise<string> {
  const body = { email: dev.email, password: dev.password };
  const url = `${dev.auth_url}/token?grant_type=password`;
  return session.parse(await callOk(url, { method: 'POST', body })).access_token;
}

/** p99 of another route while twenty people sign in at once, beside its idle figure. */
export async function measureSignIns(dev: DevFile): Promise<Row[]> {
  const token = await signIn(dev);
  const idle = await latencies(dev, token, (count) => count >= 300);
  let signedIn = 0;
  const storm = Promise.all(
    Array.from({ length: 20 }, async () => {
      await signIn(dev);
      signedIn += 1;
    }),
  );
  const busy = await latencies(dev, token, () => signedIn === 20);
  await storm;
  return [
    { what: 'other routes: p99 when idle', value: `${quantile(idle, 0.99).toFixed(1)} ms`, goal: '' },
    {
      what: 'other routes: p99 during 20 sign-ins / idle',
      value: (quantile(busy, 0.99) / quantile(idle, 0.99)).toFixed(1),
      goal: '',
    },
  ];
}

async function latencies(dev: DevFile, token: string, isEnough: (count: number) => boolean): Promise<number[]> {
  const taken: number[] = [];
  while (!isEnough(taken.length)) {
    const started = performance.now();
    await callOk(`${dev.url}/platform/projects/${dev.project}`, { token });
    taken.push(performance.now() - started);
  }
  return taken;
}
