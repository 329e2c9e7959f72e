import { createRoute, z } from '@hono/zod-openapi';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { refParams } from '../http/wire/params.ts';
import { restSettings } from '../projects/build-spec.ts';
import { findProject, type Project } from '../projects/find.ts';
import { health, healthServiceNames, type ServiceHealth } from '../projects/health.ts';

/** `services=auth,db` and `services=auth&services=db` are the same. */
const services = z
  .union([z.string().max(500), z.array(z.string().max(100)).max(50)])
  .transform((given) => [given].flat().flatMap((text) => text.split(',')))
  .transform((names) => [...new Set(names)])
  .pipe(z.array(z.enum(healthServiceNames)).min(1));

const serviceWire = z.object({
  name: z.enum(healthServiceNames),
  healthy: z.boolean(),
  status: z.enum(['COMING_UP', 'ACTIVE_HEALTHY', 'UNHEALTHY']),
  info: z
    .union([
      z.object({ db_schema: z.string() }),
      z.object({ name: z.literal('GoTrue'), version: z.string(), description: z.string() }),
    ])
    .optional(),
  error: z.string().optional(),
});
type ServiceWire = z.infer<typeof serviceWire>;

const get = createRoute({
  method: 'get',
  path: '/projects/{ref}/health',
  request: {
    params: refParams,
    query: z.object({ services, timeout_ms: z.coerce.number().int().min(0).max(10_000).optional() }),
  },
  responses: { 200: answer(z.array(serviceWire), 'How the services are; `error` says why one is not') },
});

/** How a project's services are (`/v1/projects/{ref}/health`). */
export const projectHealth = createRouter().openapi(get, async (c) => {
  const { project } = await findProject(ctxOf(c), c.req.valid('param').ref, 'projects:read');
  return c.json(
    health(project, c.req.valid('query').services).map((service) => toWire(project, service)),
    200,
  );
});

function toWire(project: Project, { name, status, version, error }: ServiceHealth): ServiceWire {
  const info = serviceInfo(project, name, version);
  return {
    name,
    healthy: status === 'ACTIVE_HEALTHY',
    status,
    ...(info !== null && { info }),
    ...(error !== null && { error }),
  };
}

/** Studio takes an empty `db_schema` for a data API that is switched off. */
function serviceInfo(
  project: Project,
  name: ServiceHealth['name'],
  version: string | null,
): ServiceWire['info'] | null {
  if (name === 'rest') return { db_schema: restSettings(project.rest).schemas.join(',') };
  if (name !== 'auth' || version === null) return null;
  return { name: 'GoTrue', version, description: 'GoTrue is a user registration and authentication API' };
}
