import { stat } from 'node:fs/promises';
import { type Double, Misconfigured } from './double.ts';
import { required } from './variables.ts';

export const imgproxy: Double = {
  async check(env) {
    const [, port] = /:(\d{1,5})$/.exec(required(env, 'IMGPROXY_BIND')) ?? [];
    if (port === undefined) throw new Misconfigured('IMGPROXY_BIND does not end in a port');
    const root = required(env, 'IMGPROXY_LOCAL_FILESYSTEM_ROOT');
    await stat(root).catch(() => {
      throw new Misconfigured('IMGPROXY_LOCAL_FILESYSTEM_ROOT is no directory');
    });
    return { port: Number(port) };
  },
  answer: async ({ url }) => (url === '/health' ? { status: 200, body: 'imgproxy is running' } : null),
};
