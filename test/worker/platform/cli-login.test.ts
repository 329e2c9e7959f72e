import { createDecipheriv, createECDH, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { send } from '../../support/requests.ts';

describe('signing the CLI in by a browser', () => {
  let t: TestApp;
  let person: Person;

  beforeAll(async () => {
    t = await createTestApp();
    person = await createPerson(t);
  });

  const newCli = () => {
    const keys = createECDH('prime256v1');
    keys.generateKeys();
    return { keys, sessionId: randomUUID() };
  };
  const allow = async (cli: ReturnType<typeof newCli>) => {
    const body = {
      session_id: cli.sessionId,
      public_key: cli.keys.getPublicKey('hex', 'uncompressed'),
      token_name: 'cli_kim@laptop',
    };
    return send(t, person, 'POST', '/platform/cli/login', body);
  };
  const collect = (cli: ReturnType<typeof newCli>, code: string) =>
    send(t, null, 'GET', `/platform/cli/login/${cli.sessionId}?device_code=${code}`);
  const codeOf = ({ body }: { body: unknown }) => String((body as { nonce: string }).nonce).slice(0, 8);

  test('hands over a token that works, once, which the CLI alone can read', async () => {
    const cli = newCli();
    const allowed = await allow(cli);
    expect(allowed.status).toBe(201);
    const { status, body } = await collect(cli, codeOf(allowed));
    expect(status).toBe(200);
    const answer = body as { access_token: string; public_key: string; nonce: string };
    const secret = cli.keys.computeSecret(Buffer.from(answer.public_key, 'hex'));
    const decipher = createDecipheriv('aes-256-gcm', secret, Buffer.from(answer.nonce, 'hex'));
    decipher.setAuthTag(Buffer.from(answer.access_token.slice(-32), 'hex'));
    const token = Buffer.concat([
      decipher.update(Buffer.from(answer.access_token.slice(0, -32), 'hex')),
      decipher.final(),
    ]).toString();
    expect(token).toMatch(/^sbp_[0-9a-f]{40}$/);
    const used = await t.app.request('/v1/profile', { headers: { authorization: `Bearer ${token}` } });
    expect([used.status, await used.json()]).toEqual([200, expect.objectContaining({ primary_email: person.email })]);
    expect((await collect(cli, codeOf(allowed))).status).toBe(404);
  });

  test('gives nothing for another code, and after ten wrong ones not for the right one either', async () => {
    const cli = newCli();
    const allowed = await allow(cli);
    for (let attempt = 0; attempt < 10; attempt += 1) expect((await collect(cli, '00000000')).status).toBe(404);
    expect((await collect(cli, codeOf(allowed))).status).toBe(404);
  });

  test('gives nothing after ten minutes', async () => {
    const cli = newCli();
    const allowed = await allow(cli);
    t.clock.advance(10 * 60 * 1000);
    expect((await collect(cli, codeOf(allowed))).status).toBe(404);
  });

  test('answers a session once, and says what is wrong with a key', async () => {
    const cli = newCli();
    expect((await allow(cli)).status).toBe(201);
    expect((await allow(cli)).status).toBe(409);
    const body = { session_id: randomUUID(), public_key: `04${'11'.repeat(64)}` };
    expect(await send(t, person, 'POST', '/platform/cli/login', body)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('public_key') },
    });
  });
});
