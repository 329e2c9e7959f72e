import { beforeAll, describe, expect, test } from 'vitest';
import { secretLines } from '../../launcher/secret-lines.ts';
import { createSecrets, databaseToken } from '../../launcher/secrets.ts';
import { readServeSettings } from '../../launcher/serve-settings.ts';

describe('the environment of supafleet-worker', () => {
  let usable: Record<string, string>;

  beforeAll(async () => {
    const secrets = await createSecrets({ email: 'a@example.com', password: undefined });
    const lines = await secretLines(secrets, '');
    const made = [...lines.matchAll(/^(\w+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]);
    usable = { ...Object.fromEntries(made), PUBLIC_URL: 'https://fleet.example.com', DATABASE_URL: 'http://db:8080' };
  });

  const told = async (other: Record<string, string>): Promise<string> =>
    readServeSettings({ ...usable, ...other }).then(
      () => 'nothing',
      (error: Error) => error.message,
    );

  test('is usable with what `secrets` prints and two addresses', async () => {
    const settings = await readServeSettings({ ...usable, PATH: '/bin', TICK_TOKEN: '' });
    expect(settings).toMatchObject({ host: '0.0.0.0', port: 8787, admin: null, databaseUrl: 'http://db:8080' });
    // what stands there for others, or is empty, does not reach the worker
    expect(Object.keys(settings.variables).sort()).toEqual(
      ['DATABASE_TOKEN', 'DATABASE_URL', 'JWT_KEYS', 'KEKS', 'PUBLIC_URL'].sort(),
    );
  });

  test('keeps what concerns mail for the mailer, and names what is wrong with it', async () => {
    const mail = { SMTP_HOST: 'mail.lan', SMTP_PASS: 'x', MAIL_FROM: 'fleet@example.com', SMTP_USER: '' };
    const settings = await readServeSettings({ ...usable, ...mail });
    expect(settings.mail?.variables).toEqual({ SMTP_HOST: 'mail.lan', SMTP_PASS: 'x', MAIL_FROM: 'fleet@example.com' });
    expect(Object.keys(settings.variables)).not.toContain('SMTP_PASS');
    expect((await readServeSettings(usable)).mail).toBeNull();
    expect(await told({ SMTP_HOST: 'mail.lan' })).toContain('\n  MAIL_FROM: ');
    expect(await told({ ...mail, SMTP_SECURITY: 'ssl' })).toContain('\n  SMTP_SECURITY: ');
    expect(await told({ SIGNUPS: 'maybe' })).toContain('\n  SIGNUPS: ');
  });

  test.each(['PUBLIC_URL', 'DATABASE_URL', 'DATABASE_TOKEN', 'JWT_KEYS', 'KEKS'])(
    '%s is named when it is missing',
    async (name) => {
      expect(await told({ [name]: '' })).toContain(`\n  ${name} is missing\n`);
    },
  );

  test.each([
    'JWT_KEYS',
    'KEKS',
    'DATABASE_TOKEN',
    'DATABASE_PUBLIC_KEY',
    'ADMIN_PASSWORD',
    'TICK_TOKEN',
    'BOOTSTRAP_TOKEN',
  ])('%s is named when it still has a placeholder', async (name) => {
    const placeholders = [
      'change-me',
      'CHANGEME',
      'k1:change-me',
      'your-super-secret-and-long-token',
      '<your token>',
      '[your keys]',
      'placeholder',
      'xxxxxxxx',
      'secret',
    ];
    for (const value of placeholders) {
      const message = await told({ [name]: value });
      expect(message, value).toContain(`\n  ${name} still has its placeholder\n`);
    }
  });

  test('what was made is never taken for a placeholder', async () => {
    for (let count = 0; count < 20; count += 1) {
      const secrets = await createSecrets({ email: 'a@example.com', password: undefined });
      const made = {
        JWT_KEYS: JSON.stringify(secrets.jwtKeys),
        KEKS: secrets.keks,
        DATABASE_TOKEN: await databaseToken(secrets),
        DATABASE_PUBLIC_KEY: secrets.database.publicKey,
        ADMIN_PASSWORD: secrets.admin.password,
      };
      expect(await told(made)).toBe('nothing');
    }
  });

  test.each([
    [{ JWT_KEYS: '[]' }, 'JWT_KEYS: must be a JSON array of private ES256 JWKs with kid'],
    [{ JWT_KEYS: '[{"kty":"oct","k":"x"}]' }, 'JWT_KEYS: must be'],
    [{ KEKS: 'k1:short' }, 'KEKS: must be entries id:key'],
    [{ STUDIO_URL: 'studio' }, 'STUDIO_URL: must be an http(s) URL'],
    [{ PORT: '0' }, 'PORT: '],
    [{ ADMIN_EMAIL: 'nobody' }, 'ADMIN_EMAIL: '],
    [{ TICK_TOKEN: 'short' }, 'TICK_TOKEN: must be at least 16 characters'],
  ])('%j does not fit, and is named without its value', async (other, message) => {
    expect(await told(other)).toContain(`\n  ${message}`);
  });

  test('everything is told at once, and no value', async () => {
    const message = await told({ PUBLIC_URL: '', KEKS: 'change-me-8z', PORT: 'http-8z' });
    expect(message).not.toContain('8z');
    expect(message.split('\n').filter((line) => line.startsWith('  '))).toHaveLength(3);
  });

  test('a token that the database would refuse is found before it is asked', async () => {
    const { publicKey } = (await createSecrets({ email: 'a@example.com', password: undefined })).database;
    expect(await told({ DATABASE_PUBLIC_KEY: publicKey })).toContain('DATABASE_TOKEN was not made with the key');
  });

  test('the first account takes an address and a password', async () => {
    const both = { ADMIN_EMAIL: 'first@example.com', ADMIN_PASSWORD: 'correct horse' };
    expect((await readServeSettings({ ...usable, ...both })).admin).toMatchObject({
      email: 'first@example.com',
      organizationName: 'Default Organization',
    });
    expect((await readServeSettings({ ...usable, ADMIN_PASSWORD: 'correct horse' })).admin).toBe(null);
  });
});
