import { createRoute, z } from '@hono/zod-openapi';
import { requireMember } from '../access/require-member.ts';
import { answer } from '../http/answer.ts';
import { createRouter } from '../http/router.ts';
import { ctxOf } from '../http/variables.ts';
import { entitlements, entitlementsWire } from '../http/wire/entitlements.ts';
import { optInTag, optInTagsOf } from '../http/wire/opt-in-tags.ts';
import {
  organizationPage,
  organizationProjects,
  organizationProjectsQuery,
  organizationProjectsWire,
} from '../http/wire/organization-projects.ts';
import { listWindow, slugParams } from '../http/wire/params.ts';
import { listMembers } from '../organizations/list-members.ts';
import type { Member } from '../organizations/member.ts';
import { listOrganizationProjects } from '../projects/list.ts';

const organizationWire = z.object({
  id: z.string(),
  name: z.string(),
  plan: z.literal('enterprise'),
  opt_in_tags: z.array(optInTag),
  allowed_release_channels: z.array(z.literal('ga')),
});

const get = createRoute({
  method: 'get',
  path: '/organizations/{slug}',
  request: { params: slugParams },
  responses: { 200: answer(organizationWire, 'The organization') },
});

const memberWire = z.object({
  user_id: z.string(),
  user_name: z.string(),
  email: z.string(),
  role_name: z.string(),
  mfa_enabled: z.boolean(),
});

const members = createRoute({
  method: 'get',
  path: '/organizations/{slug}/members',
  request: { params: slugParams, query: listWindow(1000) },
  responses: { 200: answer(z.array(memberWire), 'Members of the organization') },
});

const projects = createRoute({
  method: 'get',
  path: '/organizations/{slug}/projects',
  request: { params: slugParams, query: organizationProjectsQuery },
  responses: { 200: answer(organizationProjectsWire, 'A page of its projects with the count of all that match') },
});

const features = createRoute({
  method: 'get',
  path: '/organizations/{slug}/entitlements',
  request: { params: slugParams },
  responses: { 200: answer(entitlementsWire, 'What the organization may use') },
});

/** One organization (`/v1/organizations/{slug}`). */
export const v1Organization = createRouter()
  .openapi(get, async (c) => {
    const { organization } = await requireMember(ctxOf(c), c.req.valid('param').slug, 'organization:read');
    return c.json(
      {
        id: organization.slug,
        name: organization.name,
        plan: 'enterprise' as const,
        opt_in_tags: optInTagsOf(organization),
        allowed_release_channels: ['ga' as const],
      },
      200,
    );
  })
  .openapi(members, async (c) => {
    const { slug } = c.req.valid('param');
    return c.json((await listMembers(ctxOf(c), { slug, ...c.req.valid('query') })).map(memberToWire), 200);
  })
  .openapi(projects, async (c) => {
    const page = organizationPage(c.req.valid('query'));
    const found = await listOrganizationProjects(ctxOf(c), c.req.valid('param').slug, page);
    return c.json(organizationProjects(found, page), 200);
  })
  .openapi(features, async (c) => {
    await requireMember(ctxOf(c), c.req.valid('param').slug, 'organization:read');
    return c.json({ entitlements }, 200);
  });

function memberToWire(member: Member): z.infer<typeof memberWire> {
  return {
    user_id: member.accountId,
    user_name: member.username,
    email: member.email,
    role_name: member.role,
    mfa_enabled: member.hasFactor,
  };
}
