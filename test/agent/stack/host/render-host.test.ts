import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type HostOptions, renderHost } from '../../../../agent/stack/host/render-host.ts';
import { stackReleases } from '../../../../schema/stack-releases.ts';

const options: HostOptions = {
  hostId: '0193f0c2-aaaa-4000-8000-000000000001',
  images: { images: {} },
  hasStartInterval: false,
  meta: { port: 29_998, cryptoKey: 'the-key-of-this-host' },
};

describe('what a host runs for all of its projects', () => {
  const host = renderHost(options);
  const compose = parse(host.files.find(({ path }) => path === 'compose.yaml')?.content ?? '');

  it("is upstream's images when no map is given", () => {
    expect(host.services.map(({ name, image }) => ({ [name]: image }))).toEqual([
      { edge: stackReleases.host.edge },
      { meta: stackReleases.host.meta },
    ]);
  });

  it('is named after the host, so that two agents may share an engine', () => {
    expect(host.composeProject).toBe('supafleet-host-0193f0c2');
    expect(compose.services.edge.labels).toMatchObject({ 'dev.supafleet.host': options.hostId });
  });

  it('keeps the key of postgres-meta in a file for its owner alone', () => {
    const readers = host.files.filter(({ content }) => content.includes(options.meta.cryptoKey));
    expect(readers).toEqual([expect.objectContaining({ path: '.env', mode: 0o600 })]);
  });

  it('lets postgres-meta be reached from this machine only, and reach no database by itself', () => {
    expect(compose.services.meta.environment).toMatchObject({ PG_META_HOST: '127.0.0.1', PG_META_DB_PORT: '1' });
  });

  it('starts Caddy from what it had, else with an admin socket for root alone and no listener', () => {
    expect(compose.services.edge.command).toEqual([
      'caddy',
      'run',
      '--resume',
      '--config',
      '/etc/supafleet/caddy.json',
    ]);
    const config = JSON.parse(host.files.find(({ path }) => path === 'caddy.json')?.content ?? '');
    expect(config).toEqual({ admin: { listen: 'unix//edge/admin.sock|0600' } });
  });

  it('gives neither container a capability it does not need', () => {
    expect(compose.services.edge).toMatchObject({
      cap_drop: ['ALL'],
      cap_add: ['NET_BIND_SERVICE'],
      read_only: true,
    });
    expect(compose.services.meta).toMatchObject({ cap_drop: ['ALL'] });
  });

  it('is made anew for another key of postgres-meta, and the edge is not', () => {
    const other = renderHost({ ...options, meta: { ...options.meta, cryptoKey: 'another-key' } });
    const hashOf = (name: string, rendered = host) => rendered.services.find((service) => service.name === name)?.hash;
    expect(hashOf('meta', other)).not.toBe(hashOf('meta'));
    expect(hashOf('edge', other)).toBe(hashOf('edge'));
  });
});
