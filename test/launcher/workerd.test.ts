import { describe, expect, test } from 'vitest';
import { hasherConfig, workerConfig } from '../../launcher/workerd.ts';

describe('the generated workerd configuration', () => {
  const config = workerConfig({
    address: '127.0.0.1:8787',
    hasherSocket: '/run/x/hasher.sock',
    databaseAddress: '127.0.0.1:9000',
    variables: { KEKS: 'k1:very-secret', JWT_KEYS: '[{"d":"private"}]' },
  });

  test('keeps the database, project traffic and everything else on ways of their own, the last one public only', () => {
    expect(config).toContain('(name = "database", external = (address = "127.0.0.1:9000", http = ()))');
    expect(config).toContain('(name = "projects", network = (allow = ["local", "private", "public"]');
    expect(config).toContain('(name = "internet", network = (allow = ["public"]');
    expect(config).toContain('globalOutbound = "internet"');
  });

  test('holds no secret: variables are read from the environment', () => {
    expect(config).not.toMatch(/very-secret|"d"/);
    expect(config).toContain('(name = "KEKS", fromEnvironment = "KEKS")');
  });

  test('opens a way to identity providers, wherever they are, only where there are any', () => {
    expect(config).not.toContain('identity');
    const variables = { AUTH_PROVIDERS: '[{"clientSecret":"very-secret"}]' };
    const opened = workerConfig({ address: '', hasherSocket: '', databaseAddress: '', variables });
    expect(opened).toContain('(name = "identity", network = (allow = ["local", "private", "public"]');
    expect(opened).toContain('(name = "IDENTITY", service = "identity")');
    expect(opened).not.toContain('very-secret');
  });

  test('has no mailer unless mail is configured', () => {
    expect(config).not.toMatch(/mailer|MAILER/);
  });

  test('lets the mailer reach mail servers anywhere, and the worker not by it; its password is no part of the file', () => {
    const mail = { variables: { SMTP_HOST: 'mail.lan', SMTP_PASS: 'very-secret' }, certificates: 'PEM' };
    const withMail = workerConfig({ address: 'a:1', hasherSocket: '/h', databaseAddress: 'b:2', variables: {}, mail });
    expect(withMail).toContain('(name = "MAILER", service = "mailer")');
    expect(withMail).toContain('(name = "SMTP_PASS", fromEnvironment = "SMTP_PASS")');
    expect(withMail).toContain('globalOutbound = "mail-servers"');
    expect(withMail).toContain('globalOutbound = "internet"');
    expect(withMail).toContain('trustedCertificates = ["PEM"]');
    expect(withMail).not.toMatch(/very-secret|mail\.lan/);
  });

  test('gives the hasher no network', () => {
    expect(hasherConfig('/run/x/hasher.sock')).toContain('globalOutbound = "nothing"');
  });
});
