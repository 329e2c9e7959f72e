import { describe, expect, test } from 'vitest';
import { readConfig } from '../../launcher/config.ts';

describe('the settings of npm start', () => {
  test('have sensible defaults, also for variables that are set but empty', () => {
    expect(readConfig({ PORT: '', DATA_DIR: '' }, '/home/me/app')).toMatchObject({
      port: 8787,
      dataDir: '/home/me/app/.data',
      runtime: 'embedded',
      publicUrl: 'http://localhost:8787',
      admin: { email: 'admin@supafleet.local', password: undefined },
    });
  });

  test('hand on only what Docker needs, and a path that holds wherever the agent runs', () => {
    const config = readConfig({ RUNTIME: 'compose', IMAGE_MAP: 'images.json', PATH: '/bin', SECRET: 'x' }, '/app');
    expect(config.docker).toEqual({ imageMap: '/app/images.json', environment: { PATH: '/bin' } });
  });

  test('know where Studio is only from who says so: the first origin', () => {
    expect(readConfig({}, '/')).toMatchObject({ studioUrl: null, studioOrigins: expect.stringContaining(':3000') });
    const several = readConfig({ STUDIO_URL: 'https://studio.example.com, http://localhost:3000' }, '/');
    expect(several.studioUrl).toBe('https://studio.example.com');
  });

  test('hands the mailer what concerns mail, and nothing else', () => {
    expect(readConfig({}, '/').mail).toBeNull();
    const variables = { SMTP_HOST: 'mail.lan', SMTP_PASS: 'x', MAIL_FROM: 'a@b.example', SMTP_USER: '', OTHER: 'y' };
    expect(readConfig({ ...variables, SMTP_CA_FILE: 'ca.pem' }, '/app').mail).toEqual({
      variables: { SMTP_HOST: 'mail.lan', SMTP_PASS: 'x', MAIL_FROM: 'a@b.example' },
      caFile: '/app/ca.pem',
    });
  });

  test('keeps sign-ups closed unless told otherwise', () => {
    expect(readConfig({}, '/').signups).toBe('closed');
    expect(readConfig({ SIGNUPS: 'open' }, '/').signups).toBe('open');
  });

  test.each([
    [{ STUDIO_URL: 'studio.example.com' }, 'STUDIO_URL'],
    [{ STUDIO_URL: 'https://studio.example.com/x' }, 'STUDIO_URL'],
    [{ SIGNUPS: 'yes' }, 'SIGNUPS'],
    [{ SMTP_HOST: 'mail.lan' }, 'MAIL_FROM'],
    [{ SMTP_HOST: 'mail.lan', MAIL_FROM: 'Fleet' }, 'MAIL_FROM'],
    [{ SMTP_HOST: 'mail.lan', MAIL_FROM: 'a@b.example', SMTP_SECURITY: 'ssl' }, 'SMTP_SECURITY'],
    [{ PORT: '70000' }, 'PORT'],
    [{ PORT: 'http' }, 'PORT'],
    [{ RUNTIME: 'vm' }, 'RUNTIME'],
    [{ ADMIN_EMAIL: 'nobody' }, 'ADMIN_EMAIL'],
    [{ ADMIN_PASSWORD: 'short' }, 'ADMIN_PASSWORD'],
    [{ PUBLIC_URL: 'example' }, 'PUBLIC_URL'],
  ])('%o is refused by name', (variables, name) => {
    expect(() => readConfig(variables, '/')).toThrow(new RegExp(`"${name}"`));
  });
});
