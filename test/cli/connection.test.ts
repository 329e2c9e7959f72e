import { describe, expect, test } from 'vitest';
import type { ConnectionOptions } from '../../cli/cli.ts';
import { connection } from '../../cli/connection.ts';

const dev = JSON.stringify({ url: 'http://localhost:8787', access_token: 'sbp_dev' });

function connect(
  options: ConnectionOptions,
  around: { url?: string; token?: string; file?: string | null } = {},
): Promise<{ url: string; token: string }> {
  const { url, token, file = null } = around;
  return connection(options, {
    env: { url, token },
    directory: '/app',
    readFile: async (path) => (path === '/app/.data/dev.json' ? file : null),
  });
}

describe('where supafleet connects to', () => {
  test('flags go before the environment, and that before dev.json', async () => {
    const around = { url: 'https://env.example', token: 'env', file: dev };
    expect(await connect({ url: 'https://flag.example', token: 'flag' }, around)).toEqual({
      url: 'https://flag.example',
      token: 'flag',
    });
    expect(await connect({}, around)).toEqual({ url: 'https://env.example', token: 'env' });
    expect(await connect({}, { file: dev })).toEqual({ url: 'http://localhost:8787', token: 'sbp_dev' });
  });

  test('the token of dev.json goes to the control plane it is of, and to no other', async () => {
    expect(await connect({ url: 'http://localhost:8787/' }, { file: dev })).toMatchObject({ token: 'sbp_dev' });
    await expect(connect({ url: 'https://other.example' }, { file: dev })).rejects.toMatchObject({ exitCode: 3 });
    await expect(connect({ url: 'http://localhost:9999' }, { file: dev })).rejects.toMatchObject({ exitCode: 3 });
  });

  test('a token of the environment never goes where a file of the working directory points', async () => {
    const file = JSON.stringify({ url: 'https://trap.example', access_token: 'x' });
    await expect(connect({}, { token: 'mine', file })).rejects.toMatchObject({ exitCode: 2 });
  });

  test('nothing that says where or as whom: exit 3 and what to set', async () => {
    await expect(connect({})).rejects.toMatchObject({ exitCode: 3, hint: expect.stringContaining('SUPAFLEET_TOKEN') });
  });

  test.each([
    ['ftp://fleet.example', 'http(s) URL'],
    ['fleet.example', 'http(s) URL'],
    ['http://fleet.example', 'clear text'],
  ])('%s is refused before a token is sent anywhere', async (url, reason) => {
    const refused = connect({ url, token: 'secret' });
    await expect(refused).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(reason) });
  });

  test('clear text to another machine is possible for those who say so', async () => {
    const url = 'http://fleet.example';
    expect(await connect({ url, token: 'x', insecureHttp: true })).toEqual({ url, token: 'x' });
  });

  test.each(['', '{', '{"url": 1}'])('a dev.json that is broken (%j) is named', async (file) => {
    await expect(connect({}, { file })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('/app/.data/dev.json'),
    });
  });
});
