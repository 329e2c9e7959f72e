import { createRoute, z } from '@hono/zod-openapi';
import { memberRoleId, roleIdOf } from '../../schema/role-ids.ts';
import { roles } from '../../schema/roles.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { baseRole, baseRoleId, scopedProjects } from '../http/wire/given-roles.ts';
import { listWindow, slugParams } from '../http/wire/params.ts';
import { listMembers } from '../organizations/list-members.ts';
import type { Member } from '../organizations/member.ts';
import { removeMember } from '../organizations/remove-member.ts';
import { setMemberRole } from '../organizations/set-member-role.ts';
import { addProjectRole } from '../organizations/set-project-roles.ts';

const memberWire = z.object({
  gotrue_id: z.string(),
  primary_email: z.string(),
  username: z.string(),
  role_ids: z.array(z.number()),
  mfa_enabled: z.boolean(),
  is_sso_user: z.boolean(),
  metadata: z.object({}),
});

const memberParams = slugParams.extend({ gotrue_id: z.string() });

const list = createRoute({
  method: 'get',
  path: '/organizations/{slug}/members',
  request: { params: slugParams, query: listWindow(1000) },
  responses: { 200: answer(z.array(memberWire), 'Members of the organization') },
});

const setRole = createRoute({
  method: 'patch',
  path: '/organizations/{slug}/members/{gotrue_id}',
  request: {
    params: memberParams,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({ role_id: baseRoleId, role_scoped_projects: scopedProjects.min(1).optional() }),
        },
      },
    },
  },
  responses: { 200: { description: 'The member has the role, in the whole organization or in these projects' } },
});

const remove = createRoute({
  method: 'delete',
  path: '/organizations/{slug}/members/{gotrue_id}',
  request: { params: memberParams },
  responses: { 200: { description: 'The account is no member any more' } },
});

/** Members of an organization (`/platform/organizations/{slug}/members`). */
export const members = createRouter()
  .openapi(list, async (c) => {
    const { slug } = c.req.valid('param');
    return c.json((await listMembers(ctxOf(c), { slug, ...c.req.valid('query') })).map(toWire), 200);
  })
  .openapi(setRole, async (c) => {
    const { slug, gotrue_id: member } = c.req.valid('param');
    const { role_id: roleId, role_scoped_projects: refs } = c.req.valid('json');
    const input = { slug, member, role: baseRole(roleId) };
    if (refs === undefined) await setMemberRole(ctxOf(c), input);
    else await addProjectRole(ctxOf(c), { ...input, refs });
    return c.body(null, 200);
  })
  .openapi(remove, async (c) => {
    const { slug, gotrue_id: member } = c.req.valid('param');
    await removeMember(ctxOf(c), { slug, member });
    return c.body(null, 200);
  });

function toWire(member: Member): z.infer<typeof memberWire> {
  return {
    gotrue_id: member.accountId,
    primary_email: member.email,
    username: member.username,
    role_ids: roleIdsOf(member),
    mfa_enabled: member.hasFactor,
    is_sso_user: false,
    metadata: {},
  };
}

/** One for the whole organization, or one for each role the member has in some projects. */
function roleIdsOf({ number, role, projectRoles }: Member): number[] {
  if (role !== 'Project-scoped') return [roleIdOf(role)];
  return roles
    .filter(({ name }) => projectRoles.some((one) => one.role === name))
    .map(({ name }) => memberRoleId(number, name));
}
