import { createHmac, createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hostPaths, projectPaths, refOfEntry } from '../../../../agent/runtime/embedded/paths.ts';
import { postgresConfig } from '../../../../agent/runtime/embedded/postgres-config.ts';
import { restEnvironment } from '../../../../agent/runtime/embedded/rest-environment.ts';
import { makeSpec, refOf } from './support.ts';

describe('names in the projects directory', () => {
  const ref = 'a'.repeat(20);
  it.each([
    [ref, ref],
    [`${ref}.creating`, ref],
    [`${ref}.removing`, ref],
    [`${ref}.old`, null],
    ['a'.repeat(19), null],
    ['..', null],
    ['lost+found', null],
    [`${'A'.repeat(20)}`, null],
  ])('%j belongs to %j', (name, expected) => {
    expect(refOfEntry(name)).toBe(expected);
  });

  it('keeps every path of a project below its host', () => {
    const host = hostPaths('/var/x', '/var/x/run');
    for (const path of Object.values(projectPaths(host, ref))) expect(path.startsWith('/var/x/')).toBe(true);
  });
});

describe('the configuration of Postgres', () => {
  const options = { port: 5000, socketDirectory: "/a/it's", directory: '/c', agentUser: 'ro"ot' };
  const texts = postgresConfig(options);

  it('listens on loopback alone, and not at all without a port', () => {
    expect(texts['postgresql.conf']).toContain("listen_addresses = '127.0.0.1'\nport = 5000\n");
    expect(postgresConfig({ ...options, port: null })['postgresql.conf']).toContain("listen_addresses = ''\n");
  });

  it('quotes what it is given', () => {
    expect(texts['postgresql.conf']).toContain("unix_socket_directories = '/a/it''s'");
    expect(texts['pg_ident.conf']).toContain('"ro""ot" supabase_admin');
  });

  it('trusts nobody without a check', () => {
    expect(texts['pg_hba.conf']).not.toMatch(/\btrust\b/);
  });

  it('writes neither statements nor values to the log', () => {
    for (const line of [
      'log_statement = none',
      'log_min_error_statement = panic',
      'log_parameter_max_length_on_error = 0',
    ]) {
      expect(texts['postgresql.conf']).toContain(line);
    }
  });
});

describe('the environment of the data API', () => {
  it('verifies tokens of both kinds and holds no private key', async () => {
    const spec = await makeSpec(refOf('rest'), 22_000);
    const environment = restEnvironment(spec, '/run/x');
    expect(JSON.stringify(environment)).not.toContain(spec.secrets.signingKey.d);
    const { keys } = JSON.parse(environment.PGRST_JWT_SECRET ?? '');
    expect(keys).toHaveLength(2);
    const [head, body, signature] = spec.secrets.anonKeyAsymmetric.split('.');
    const key = createPublicKey({ key: keys[0], format: 'jwk' });
    const signed = Buffer.from(`${head}.${body}`);
    const given = Buffer.from(signature ?? '', 'base64url');
    expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, given)).toBe(true);
    const [legacyHead, legacyBody, legacySignature] = spec.secrets.anonKey.split('.');
    const shared = Buffer.from(keys[1].k, 'base64url');
    expect(createHmac('sha256', shared).update(`${legacyHead}.${legacyBody}`).digest('base64url')).toBe(
      legacySignature,
    );
  });

  it('escapes a password in the connection string', async () => {
    const spec = await makeSpec(refOf('rest'), 22_000);
    const odd = { ...spec, secrets: { ...spec.secrets, dbPassword: 'a@b/c:d?#%' } };
    const uri = new URL(restEnvironment(odd, '/run/x').PGRST_DB_URI?.replace('@/', '@host/') ?? '');
    expect(decodeURIComponent(uri.password)).toBe('a@b/c:d?#%');
    expect(uri.searchParams.get('host')).toBe('/run/x');
  });

  it('escapes the path of the socket as libpq reads it, which takes a plus sign for itself', async () => {
    const spec = await makeSpec(refOf('rest'), 22_000);
    const uri = restEnvironment(spec, "/srv/my data/a+b&'ü").PGRST_DB_URI ?? '';
    expect(uri).toContain("?host=%2Fsrv%2Fmy%20data%2Fa%2Bb%26'%C3%BC&port=22001");
  });

  it('changes with every setting of the data API', async () => {
    const spec = await makeSpec(refOf('rest'), 22_000);
    const changes = [
      { rest: { ...spec.rest, schemas: ['other'] } },
      { rest: { ...spec.rest, extraSearchPath: ['other'] } },
      { rest: { ...spec.rest, maxRows: 5 } },
      { firstPort: 22_010 },
      { secrets: { ...spec.secrets, dbPassword: 'other' } },
      { secrets: { ...spec.secrets, jwtSecret: 'o'.repeat(32) } },
      { secrets: { ...spec.secrets, signingKey: { ...spec.secrets.signingKey, kid: 'other' } } },
    ];
    for (const change of changes) {
      expect(restEnvironment({ ...spec, ...change }, '/run/x')).not.toEqual(restEnvironment(spec, '/run/x'));
    }
  });
});
