import { describe, expect, test } from 'vitest';
import { env } from '../../worker/env.ts';
import { createTestApp } from '../support/app.ts';

describe('the address of the control plane itself', () => {
  test('leads to the organizations of the Studio that is configured, whoever asks', async () => {
    const t = await createTestApp({ config: { studioUrl: 'https://studio.example.com' } });
    for (const headers of [{}, { authorization: 'Bearer nonsense' }]) {
      const response = await t.app.request('/', { headers });
      expect(response.status).toBe(302);
      expect(response.headers.get('location')).toBe('https://studio.example.com/organizations');
    }
    expect((await t.app.request('/', { method: 'POST' })).status).toBe(404);
  });

  test('is an honest 404 where none is', async () => {
    const t = await createTestApp();
    expect((await t.app.request('/')).status).toBe(404);
  });

  test.each([
    [undefined, null],
    ['', null],
    ['https://studio.example.com/', 'https://studio.example.com'],
    ['https://example.com/dashboard/', 'https://example.com/dashboard'],
  ])('STUDIO_URL %j is %j', (given, read) => {
    expect(env.shape.STUDIO_URL.parse(given)).toBe(read);
  });

  test.each(['studio.example.com', 'javascript:alert(1)', 'ftp://x.example'])('STUDIO_URL %j is refused', (given) => {
    expect(env.shape.STUDIO_URL.safeParse(given).success).toBe(false);
  });
});
