import { createRoute, z } from '@hono/zod-openapi';
import { roleIdOf } from '../../schema/role-ids.ts';
import { roles as everyRole, type Role } from '../../schema/roles.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { scopedProjects } from '../http/wire/given-roles.ts';
import { slugParams } from '../http/wire/params.ts';
import { listProjectScopedRoles, type ProjectScopedRole } from '../organizations/list-roles.ts';
import { replaceRole, takeRole } from '../organizations/take-role.ts';

const descriptions: Record<Role, string> = {
  Owner: 'May do everything',
  Administrator: 'May do everything but concern themselves with Owners, enforce MFA and delete the organization',
  Developer: 'May work in projects, but not change what they are',
  'Read-only': 'May look at projects',
};

const roleWire = z.object({
  id: z.number(),
  base_role_id: z.number(),
  name: z.string(),
  description: z.string(),
  projects: z.array(z.object({ ref: z.string(), name: z.string() })),
});

const list = createRoute({
  method: 'get',
  path: '/organizations/{slug}/roles',
  request: { params: slugParams },
  responses: {
    200: answer(
      z.object({ org_scoped_roles: z.array(roleWire), project_scoped_roles: z.array(roleWire) }),
      'Roles of whole organizations, and those that were given in some projects',
    ),
  },
});

const roleParams = slugParams.extend({ gotrue_id: z.string(), role_id: z.coerce.number().int().positive() });

const replace = createRoute({
  method: 'put',
  path: '/organizations/{slug}/members/{gotrue_id}/roles/{role_id}',
  request: {
    params: roleParams,
    body: {
      required: true,
      content: {
        'application/json': { schema: z.object({ name: z.string().max(256), role_scoped_projects: scopedProjects }) },
      },
    },
  },
  responses: { 200: { description: 'The member has the role in these projects and in no others' } },
});

const take = createRoute({
  method: 'delete',
  path: '/organizations/{slug}/members/{gotrue_id}/roles/{role_id}',
  request: { params: roleParams },
  responses: { 200: { description: 'The member does not have the role any more' } },
});

/** Roles of an organization, and those of a member (`/platform/organizations/{slug}/roles`, `…/members/{id}/roles`). */
export const roles = createRouter()
  .openapi(list, async (c) => {
    const scoped = await listProjectScopedRoles(ctxOf(c), { slug: c.req.valid('param').slug });
    return c.json(
      {
        org_scoped_roles: everyRole.map(({ id, name }) => toWire({ id, role: name, projects: [] })),
        project_scoped_roles: scoped.map(toWire),
      },
      200,
    );
  })
  .openapi(replace, async (c) => {
    const { slug, gotrue_id: member, role_id: roleId } = c.req.valid('param');
    const { role_scoped_projects: refs } = c.req.valid('json');
    await replaceRole(ctxOf(c), { slug, member, roleId, refs });
    return c.body(null, 200);
  })
  .openapi(take, async (c) => {
    const { slug, gotrue_id: member, role_id: roleId } = c.req.valid('param');
    await takeRole(ctxOf(c), { slug, member, roleId });
    return c.body(null, 200);
  });

function toWire({ id, role, projects }: ProjectScopedRole): z.infer<typeof roleWire> {
  return { id, base_role_id: roleIdOf(role), name: role, description: descriptions[role], projects };
}
