import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EdgeOptions } from '../../../../agent/edge/caddy/edge-options.ts';
import type { EdgeProject } from '../../../../agent/edge/caddy/edge-project.ts';
import { renderEdge } from '../../../../agent/edge/caddy/render-edge.ts';
import { gatewayRoutes } from '../../../../schema/gateway-routes.ts';
import { edgeProject } from './edge-fixture.ts';

const options: EdgeOptions = {
  edge: { kind: 'ports', address: '0.0.0.0' },
  projectHost: 'projects.test',
  adminSocket: '/edge/admin.sock',
  storage: '/edge/data',
};
const names = { kind: 'names' as const, port: 443, httpPort: 80 };
const acme = { kind: 'acme' as const, email: 'ops@example.com' };

function project(index: number, change: Partial<EdgeProject> = {}): EdgeProject {
  const ref = `project${index}`.padEnd(20, 'x');
  const keys = {
    anonKey: `anon-of-${ref}`,
    serviceRoleKey: `service-of-${ref}`,
    anonKeyAsymmetric: `anon-jwt-of-${ref}`,
    serviceRoleKeyAsymmetric: `service-jwt-of-${ref}`,
    apiKeys: [],
  };
  return edgeProject(ref, 20_000 + index * 10, { host: '10.9.0.4', port: 3_000 }, { keys, ...change });
}

describe('the configuration of the edge', () => {
  it('has every public path of Supabase on every listener', () => {
    const { servers } = renderEdge([project(1)], options).apps.http;
    for (const server of Object.values(servers)) {
      const text = JSON.stringify(server.routes);
      for (const { path } of gatewayRoutes)
        expect(text).toContain(JSON.stringify(path.replaceAll('.', '\\.')).slice(1, -1));
    }
    expect(Object.keys(servers)).toEqual(['internal', 'ports']);
  });

  it('is the same in whatever order projects come, so that nothing is reloaded for that', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 5 }), (order) => {
        const shuffled = order.map((index) => project(index));
        expect(JSON.stringify(renderEdge(shuffled, options))).toBe(
          JSON.stringify(
            renderEdge(
              [1, 2, 3, 4, 5].map((index) => project(index)),
              options,
            ),
          ),
        );
      }),
    );
  });

  it('grows by lines of tables only: a project costs as much as any other', () => {
    const size = (count: number) =>
      JSON.stringify(
        renderEdge(
          Array.from({ length: count }, (_, index) => project(100 + index)),
          options,
        ),
      ).length;
    expect(size(200) - size(199)).toBe(size(20) - size(19));
    expect(size(200) - size(199)).toBeLessThan(10_000);
  });

  it('holds no key of a paused project and opens nothing in its network', () => {
    const text = JSON.stringify(renderEdge([project(1), project(2, { state: 'paused' })], options));
    expect(text).toContain('anon-of-project1');
    expect(text).not.toMatch(/-of-project2/);
    expect(text).not.toContain('"127.0.0.1:20021"');
  });

  it('takes whatever an order for a service says literally', () => {
    const upstream = { host: '10.9.0.4', port: 3_000, headers: { 'x-order': '{env.PATH} $1 \\ "' } };
    const text = JSON.stringify(renderEdge([project(1, { upstreams: { rest: upstream } })], options));
    expect(text).not.toContain('"{env.PATH}');
    expect(text).toContain(JSON.stringify('\\{env.PATH\\} $1 \\ "'));
  });

  it.each(['10.0.0.1/etc', '{env.PATH}', 'a b', ''])('refuses %j as an address of a service', (host) => {
    expect(() => renderEdge([project(1, { upstreams: { rest: { host, port: 1 } } })], options)).toThrow('address');
  });

  it.each<[string, Partial<EdgeOptions>, unknown]>([
    [
      'the internal CA',
      { edge: { ...names, certificates: { kind: 'internal' } } },
      { certificates: { automate: ['*.projects.test'] } },
    ],
    [
      'ACME by name',
      { edge: { ...names, certificates: acme } },
      { certificates: { automate: ['project1xxxxxxxxxxxx.projects.test'] } },
    ],
    [
      'ACME by DNS',
      { edge: { ...names, certificates: { ...acme, dnsProvider: { name: 'cloudflare', api_token: 't' } } } },
      {
        certificates: { automate: ['*.projects.test'] },
        automation: {
          policies: [{ issuers: [{ challenges: { dns: { provider: { name: 'cloudflare', api_token: 't' } } } }] }],
        },
      },
    ],
    [
      'ACME without port 80',
      { edge: { ...names, httpPort: null, certificates: acme } },
      { automation: { policies: [{ issuers: [{ challenges: { http: { disabled: true } } }] }] } },
    ],
    [
      'the operator’s files',
      {
        edge: { ...names, certificates: { kind: 'files', certificate: '/c', key: '/k' } },
        certificateFiles: { certificate: '/edge/c.pem', key: '/edge/k.pem', version: 'v' },
      },
      { certificates: { load_files: [{ certificate: '/edge/c.pem', key: '/edge/k.pem', tags: ['v'] }] } },
    ],
  ])('certificates: %s', (_, change, tls) => {
    const { apps } = renderEdge([project(1)], { ...options, ...change });
    expect(apps.tls).toMatchObject(tls as object);
    expect(apps.http.servers.names).toMatchObject({ listen: [':443'], strict_sni_host: true });
  });

  it('has no listener for clients where there is no project', () => {
    expect(renderEdge([], options).apps.http.servers).toEqual({});
  });
});
