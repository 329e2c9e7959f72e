import { createRoute } from '@hono/zod-openapi';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { database, gateway } from '../projects/endpoint.ts';
import { isoTime } from '../projects/iso-time.ts';
import { type ProjectSettings, projectSettings } from '../projects/settings.ts';
import { refParams } from './project-wire.ts';

const get = createRoute({
  method: 'get',
  path: '/projects/{ref}/settings',
  request: { params: refParams },
  responses: { 200: { description: 'Where the project answers and the keys of its applications' } },
});

/** What applications are configured with (`/platform/projects/{ref}/settings`). */
export const projectSettingsRoute = createRouter().openapi(get, async (c) => {
  const settings = await projectSettings(ctxOf(c), c.req.valid('param').ref);
  c.header('Cache-Control', 'no-store');
  return c.json(toWire(settings), 200);
});

function toWire({ project, anonKey, secrets }: ProjectSettings) {
  const { protocol, endpoint } = gateway(project);
  const { host, port } = database(project);
  return {
    // whatever follows `${protocol}://${endpoint}/rest/v1` works
    app_config: { db_schema: 'public', protocol, endpoint, storage_endpoint: endpoint },
    cloud_provider: project.cloudProvider,
    db_dns_name: host,
    db_host: host,
    db_ip_addr_config: 'ipv4',
    db_name: 'postgres',
    db_port: port,
    db_user: 'postgres',
    inserted_at: isoTime(project.createdAt),
    is_sensitive: false,
    name: project.name,
    ref: project.ref,
    region: project.region,
    ssl_enforced: false,
    status: project.status,
    service_api_keys: [
      { name: 'anon key', tags: 'anon', api_key: anonKey },
      ...(secrets === null
        ? []
        : [{ name: 'service_role key', tags: 'service_role', api_key: secrets.serviceRoleKey }]),
    ],
    ...(secrets !== null && { jwt_secret: secrets.jwtSecret }),
  };
}
