import { describe, expect, it } from 'vitest';
import { render } from '../../../agent/stack/render.ts';
import { profileServices, type StackService, stackProfiles } from '../../../schema/stack-profiles.ts';
import { stackReleases } from '../../../schema/stack-releases.ts';
import type { LiveSpec } from '../../../schema/stack-spec.ts';
import { runningSpec } from '../../support/specs.ts';
import { specLeaves, withAnother } from './spec-leaves.ts';
import { stackHost } from './stack-fixture.ts';

const host = stackHost();
const full = runningSpec('a', { profile: 'full' });
const releases = Object.keys(stackReleases.releases);

/** Fields of a spec that are in no file, and why. */
const elsewhere: Record<string, string> = {
  generation: 'the runtime notes it when it has applied the spec',
  power: 'a stopped stack has the same files',
  restarts: 'the runtime stops and starts the same containers, and notes it',
  postgresVersion: 'what the release says; another one is refused',
  'secrets.anonKeyAsymmetric': 'known to the edge alone',
  'secrets.serviceRoleKeyAsymmetric': 'known to the edge alone',
};

const otherValues: Record<string, unknown> = {
  ref: 'b'.repeat(20),
  release: '2026.06',
  'secrets.services.adminPassword': 'f'.repeat(32),
};

describe('a field of the spec', () => {
  it.each(specLeaves().filter(({ path }) => !(path in elsewhere)))('$path shows in a file', (leaf) => {
    const changed = render(withAnother(full, leaf, otherValues), host);
    expect(changed.files).not.toEqual(render(full, host).files);
  });

  it('is not excused when it does not exist', () => {
    const paths = specLeaves().map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining([...Object.keys(elsewhere), ...Object.keys(otherValues)]));
  });
});

describe('images', () => {
  it.each(releases)("are upstream's for release %s when no map is given", (release) => {
    const { services } = render(runningSpec('a', { profile: 'full', release }), host);
    expect(Object.fromEntries(services.map(({ name, image }) => [name, image]))).toEqual(
      stackReleases.releases[release]?.images,
    );
  });

  it('come from the map where it names them', () => {
    const images = { registry: 'mirror.example.com', images: { db: 'ours/postgres' } };
    const { services } = render(full, stackHost({ images }));
    const imageOf = (service: StackService) => services.find(({ name }) => name === service)?.image;
    expect(imageOf('db')).toBe('ours/postgres:17.6.1.136');
    expect(imageOf('auth')).toBe('mirror.example.com/supabase/gotrue:v2.196.0');
  });
});

describe('a stack', () => {
  it.each(stackProfiles)('has the services of profile %s, each at its own address', (profile) => {
    const { services, network } = render(runningSpec('a', { profile }), host);
    expect(services.map(({ name }) => name)).toEqual(profileServices[profile]);
    expect(new Set([network.gateway, ...services.map(({ address }) => address)]).size).toBe(services.length + 1);
  });

  it('is the same text for the same spec', () => {
    expect(render(full, host)).toEqual(render(structuredClone(full), host));
  });

  it('needs no secret of a service it does not have', () => {
    const env = fileOf(runningSpec('a', { profile: 'minimal' }), '.env');
    expect(env).toContain('JWT_SECRET=');
    expect(env).not.toMatch(/VAULT_ENC_KEY|SECRET_KEY_BASE|LOGFLARE|S3_PROTOCOL|^DB_PASSWORD=/m);
  });

  it.each(stackProfiles)('of profile %s hands the engine socket to vector alone', (profile) => {
    const text = fileOf(runningSpec('a', { profile }), 'compose.yaml');
    expect(text.split('target: /var/run/docker.sock').length - 1).toBe(profile === 'full' ? 1 : 0);
  });

  it.each([
    ['release', { release: '2030.01' }, /does not know release 2030\.01/],
    ['Postgres version', { postgresVersion: '15' }, /has Postgres 17, this project needs 15/],
    ['port block', { firstPort: 20_003 }, /no block of this host/],
  ])('with an unknown %s is refused in words', (_what, changes, words) => {
    expect(() => render(runningSpec('a', changes), host)).toThrow(words);
  });

  it.each(['\u0000', '\u001b', '\ud800'])('with %j in a password is refused in words', (character) => {
    const secrets = { ...full.secrets, dbPassword: `secret${character}word` };
    expect(() => render({ ...full, secrets }, host)).toThrow(/^The database password holds a character/);
  });
});

describe('secrets', () => {
  it('are in no file that others may read, in no form', () => {
    const { dbPassword } = { dbPassword: "pa$$ word'+/=" };
    const spec = { ...full, secrets: { ...full.secrets, dbPassword } };
    const readable = render(spec, host)
      .files.filter(({ mode }) => mode !== 0o600)
      .map(({ content }) => content)
      .join('\n');
    for (const secret of secretTexts(spec.secrets)) {
      for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64url')]) {
        expect(readable).not.toContain(form);
      }
    }
  });

  it('of the gateway are on no disk of a container', () => {
    const all = render(full, host)
      .files.map(({ content }) => content)
      .join('\n');
    expect(all).not.toContain(full.secrets.anonKeyAsymmetric);
    expect(all).not.toContain(full.secrets.serviceRoleKeyAsymmetric);
  });
});

describe('the hash of a service', () => {
  const before = hashes(full);
  const secrets = (changes: Partial<LiveSpec['secrets']>) => ({ secrets: { ...full.secrets, ...changes } });

  it.each<[string, Partial<LiveSpec>, readonly StackService[]]>([
    ['generation', { generation: 99 }, []],
    ['database password', secrets({ dbPassword: 'another' }), ['auth', 'rest', 'storage', 'functions', 'supavisor']],
    [
      'JWT secret',
      secrets({ jwtSecret: 'x'.repeat(40) }),
      ['auth', 'rest', 'realtime', 'storage', 'functions', 'supavisor'],
    ],
    ['row limit', { rest: { ...full.rest, maxRows: 5 } }, ['rest']],
    ['size', { size: '2xlarge' }, profileServices.full],
    ['restart', { restarts: 1 }, []],
  ])('changes with another %s only where the container is another', (_what, changes, expected) => {
    const after = hashes({ ...full, ...changes });
    expect(profileServices.full.filter((name) => before[name] !== after[name])).toEqual(expected);
  });
});

function hashes(spec: LiveSpec): Record<string, string> {
  return Object.fromEntries(render(spec, host).services.map(({ name, hash }) => [name, hash]));
}

function fileOf(spec: LiveSpec, path: string): string {
  return render(spec, host).files.find((file) => file.path === path)?.content ?? '';
}

function secretTexts({ signingKey, apiKeys, services, ...rest }: LiveSpec['secrets']): string[] {
  return [...Object.values(rest), ...Object.values(services), signingKey.d, ...apiKeys.map(({ key }) => key)];
}
