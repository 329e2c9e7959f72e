import { readFile } from 'node:fs/promises';
import { type Double, Misconfigured } from './double.ts';
import { required } from './variables.ts';

export const vector: Double = {
  async check(env, args) {
    required(env, 'LOGFLARE_PUBLIC_ACCESS_TOKEN');
    const file = args[args.indexOf('--config') + 1] ?? '';
    const config = await readFile(file, 'utf8').catch(() => '');
    for (const part of ['sources:', 'sinks:', 'api:']) {
      if (!config.includes(part)) throw new Misconfigured(`the file of --config has no ${part.slice(0, -1)}`);
    }
    return { port: 9001 };
  },
  answer: async ({ url }) => (url === '/health' ? { status: 200, body: { ok: true } } : null),
};
