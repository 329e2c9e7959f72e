import { describe, expect, it } from 'vitest';
import { renderHost } from '../../../agent/stack/host/render-host.ts';
import { render } from '../../../agent/stack/render.ts';
import { instanceSizes } from '../../../schema/instance-sizes.ts';
import { profileServices, stackProfiles } from '../../../schema/stack-profiles.ts';
import { stackReleases } from '../../../schema/stack-releases.ts';
import { runningSpec } from '../../support/specs.ts';
import { composeConfig, composeMissing } from './compose-config.ts';
import { stackHost } from './stack-fixture.ts';

const cases = stackProfiles.flatMap((profile) =>
  Object.keys(stackReleases.releases).map((release) => ({ profile, release })),
);

describe.skipIf(composeMissing() !== null)('Docker Compose', () => {
  it.each(cases)('accepts profile $profile of release $release', ({ profile, release }) => {
    const stack = render(runningSpec('a', { profile, release }), stackHost());
    const config = composeConfig(stack.files);
    expect(config.name).toBe(stack.composeProject);
    expect(Object.keys(config.services).sort()).toEqual([...profileServices[profile]].sort());
    for (const service of Object.values(config.services)) {
      expect(service.privileged).toBe(false);
      expect(service.ports).toEqual([]);
      expect(service).not.toHaveProperty('container_name');
      expect(service).not.toHaveProperty('network_mode');
      expect(Object.values(service.environment)).not.toContain(null);
    }
  });

  it('accepts checks by start interval, and the largest and smallest size', () => {
    for (const size of [instanceSizes[0], instanceSizes[instanceSizes.length - 1]]) {
      const host = stackHost({ hasStartInterval: true });
      composeConfig(render(runningSpec('a', { profile: 'full', ...(size && { size }) }), host).files);
    }
  });

  it('hands hostile values to the services as they are, and nothing else', () => {
    const dbPassword = `p'"\\ $$ \${HOME} #x\`id\`\t é`;
    const spec = runningSpec('a', { profile: 'full' });
    spec.secrets.dbPassword = dbPassword;
    spec.rest.schemas = ['public', '"\n privileged: true', `\${HOME}`];
    const config = composeConfig(render(spec, stackHost()).files);
    const environmentOf = (service: string, name: string) =>
      config.services[service]?.environment[name]?.replaceAll('$$', '$');
    expect(environmentOf('supavisor', 'POSTGRES_PASSWORD')).toBe(dbPassword);
    expect(environmentOf('rest', 'PGRST_DB_SCHEMAS')).toBe(spec.rest.schemas.join(','));
    expect(decodeURIComponent(new URL(environmentOf('functions', 'SUPABASE_DB_URL') ?? '').password)).toBe(dbPassword);
    expect(JSON.parse(environmentOf('auth', 'GOTRUE_JWT_KEYS') ?? '')).toHaveLength(2);
    const sources = Object.values(config.services).flatMap(({ volumes }) =>
      volumes
        .filter(({ type }) => type === 'bind')
        .map(({ source = '' }) => source.replace(/^.*\/supafleet-compose-[^/]+/, '')),
    );
    expect(sources.sort()).toEqual([
      '/first-boot.sql',
      '/functions',
      '/pooler.exs',
      '/var/run/docker.sock',
      '/vector.yml',
    ]);
  });

  it("accepts the host's own project", () => {
    const host = renderHost({
      hostId: stackHost().hostId,
      images: { images: {} },
      hasStartInterval: false,
      meta: { port: 29_998, cryptoKey: "k'$\\" },
    });
    const config = composeConfig(host.files);
    expect(Object.keys(config.services)).toEqual(['edge', 'meta']);
    expect(config.services.meta?.environment.CRYPTO_KEY?.replaceAll('$$', '$')).toBe("k'$\\");
  });
});
