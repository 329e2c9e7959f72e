import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { projectStatus } from '../http/wire/project-list.ts';
import { databaseLogin, gateway } from '../projects/endpoint.ts';
import { isoTime } from '../projects/iso-time.ts';
import { type ProjectSettings, projectSettings } from '../projects/settings.ts';

const settingsWire = z.object({
  app_config: z.object({
    db_schema: z.string(),
    protocol: z.string(),
    endpoint: z.string(),
    storage_endpoint: z.string(),
  }),
  cloud_provider: z.string(),
  db_dns_name: z.string(),
  db_host: z.string(),
  db_ip_addr_config: z.literal('ipv4'),
  db_name: z.string(),
  db_port: z.number(),
  db_user: z.string(),
  inserted_at: z.string(),
  is_sensitive: z.boolean(),
  name: z.string(),
  ref: z.string(),
  region: z.string(),
  ssl_enforced: z.boolean(),
  status: projectStatus,
  service_api_keys: z.array(z.object({ name: z.string(), tags: z.string(), api_key: z.string() })),
  /** for those who may see secrets */
  jwt_secret: z.string().optional(),
});

const get = createRoute({
  method: 'get',
  path: '/projects/{ref}/settings',
  request: { params: refParams },
  responses: { 200: answer(settingsWire, 'Where the project answers and the keys of its applications') },
});

/** What applications are configured with (`/platform/projects/{ref}/settings`). */
export const projectSettingsRoute = createRouter().openapi(get, async (c) => {
  const settings = await projectSettings(ctxOf(c), c.req.valid('param').ref);
  c.header('Cache-Control', 'no-store');
  return c.json(toWire(settings), 200);
});

function toWire({ project, anonKey, secrets }: ProjectSettings): z.infer<typeof settingsWire> {
  const { protocol, endpoint } = gateway(project);
  const { host, port, user } = databaseLogin(project);
  return {
    // whatever follows `${protocol}://${endpoint}/rest/v1` works
    app_config: { db_schema: 'public', protocol, endpoint, storage_endpoint: endpoint },
    cloud_provider: project.cloudProvider,
    db_dns_name: host,
    db_host: host,
    db_ip_addr_config: 'ipv4',
    db_name: 'postgres',
    db_port: port,
    db_user: user,
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
