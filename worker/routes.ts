import { adminRoute } from './admin/route.ts';
import { desiredList } from './agents/desired.ts';
import { enrolment } from './agents/enrol.ts';
import { departure } from './agents/leave.ts';
import { reports } from './agents/report.ts';
import type { Mount } from './app.ts';
import { authAuthorize } from './auth/authorize.ts';
import { bootstrapDoor } from './auth/bootstrap.ts';
import { authCallback } from './auth/callback.ts';
import { authFactors } from './auth/factors.ts';
import { authIdentities } from './auth/identities.ts';
import { authRecover } from './auth/recover.ts';
import { authSignUp } from './auth/signup.ts';
import { authToken } from './auth/token.ts';
import { authUser } from './auth/user.ts';
import { authVerify } from './auth/verify.ts';
import { authWellKnown } from './auth/well-known.ts';
import { healthRoute } from './health.ts';
import { absentRoutes } from './platform/absent-routes.ts';
import { accessTokens } from './platform/access-tokens.ts';
import { auditLogs } from './platform/audit.ts';
import { billing } from './platform/billing.ts';
import { cliLogin, cliLoginCollected } from './platform/cli-login.ts';
import { dataApi } from './platform/data-api.ts';
import { dataApiSettings } from './platform/data-api-settings.ts';
import { entitlementRoutes } from './platform/entitlements.ts';
import { invitations } from './platform/invitations.ts';
import { lints } from './platform/lints.ts';
import { members } from './platform/members.ts';
import { mfaEnforcement } from './platform/mfa-enforcement.ts';
import { notifications } from './platform/notifications.ts';
import { organizationProjects } from './platform/organization-projects.ts';
import { organizations } from './platform/organizations.ts';
import { pgMeta } from './platform/pg-meta.ts';
import { profileRoutes } from './platform/profile.ts';
import { projectAddons } from './platform/project-addons.ts';
import { projectDatabases } from './platform/project-databases.ts';
import { projectDetail } from './platform/project-detail.ts';
import { projectMembers } from './platform/project-members.ts';
import { projectOptions } from './platform/project-options.ts';
import { projectPower } from './platform/project-power.ts';
import { projectSettingsRoute } from './platform/project-settings.ts';
import { projects } from './platform/projects.ts';
import { resourceWarnings } from './platform/resource-warnings.ts';
import { roles } from './platform/roles.ts';
import { scopedAccessTokens } from './platform/scoped-access-tokens.ts';
import { signupRoute } from './platform/signup.ts';
import { sso } from './platform/sso.ts';
import { telemetry } from './platform/telemetry.ts';
import { tickRoute } from './tick/route.ts';
import { apiKeys } from './v1/api-keys.ts';
import { branches } from './v1/branches.ts';
import { customHostname } from './v1/custom-hostname.ts';
import { databaseQuery } from './v1/database-query.ts';
import { projectHealth } from './v1/health.ts';
import { v1Organization } from './v1/organization.ts';
import { v1Organizations } from './v1/organizations.ts';
import { v1Profile } from './v1/profile.ts';
import { v1Project } from './v1/project.ts';
import { v1ProjectAddons } from './v1/project-addons.ts';
import { v1Projects } from './v1/projects.ts';
import { v1Upgrade } from './v1/upgrade.ts';

/** Routers mounted before accounts' credentials are read: signing in, and bearers of other kinds of tokens. */
export function openDoors(): Mount[] {
  return [
    ...agents,
    ...accounts,
    { path: '/', router: tickRoute },
    { path: '/', router: healthRoute },
    { path: '/platform', router: signupRoute },
    { path: '/platform', router: telemetry },
    { path: '/platform', router: cliLoginCollected },
  ];
}

/** Every router and where it is mounted, by door. */
export function routes(): Mount[] {
  return [...platform, ...management, ...databases, ...admin, ...absent];
}

const platform: Mount[] = [
  { path: '/platform', router: profileRoutes },
  { path: '/platform', router: cliLogin },
  { path: '/platform', router: accessTokens },
  { path: '/platform', router: scopedAccessTokens },
  // before those that take any ref: `projects/available-regions` is none
  { path: '/platform', router: projectOptions },
  { path: '/platform', router: projects },
  { path: '/platform', router: projectDetail },
  { path: '/platform', router: projectPower },
  { path: '/platform', router: projectSettingsRoute },
  { path: '/platform', router: projectDatabases },
  { path: '/platform', router: projectAddons },
  { path: '/platform', router: organizations },
  { path: '/platform', router: organizationProjects },
  { path: '/platform', router: auditLogs },
  { path: '/platform', router: invitations },
  { path: '/platform', router: mfaEnforcement },
  { path: '/platform', router: members },
  { path: '/platform', router: roles },
  { path: '/platform', router: projectMembers },
  { path: '/platform', router: notifications },
];

const management: Mount[] = [
  v1Organizations,
  v1Organization,
  v1Profile,
  v1Projects,
  v1Project,
  v1ProjectAddons,
  v1Upgrade,
  apiKeys,
  projectHealth,
  branches,
  customHostname,
  databaseQuery,
].map((router) => ({ path: '/v1', router }));

const accounts: Mount[] = [
  { path: '/', router: bootstrapDoor },
  { path: '/auth/v1', router: authToken },
  { path: '/auth/v1', router: authUser },
  { path: '/auth/v1', router: authFactors },
  { path: '/auth/v1', router: authAuthorize },
  { path: '/auth/v1', router: authCallback },
  { path: '/auth/v1', router: authIdentities },
  { path: '/auth/v1', router: authSignUp },
  { path: '/auth/v1', router: authRecover },
  { path: '/auth/v1', router: authVerify },
  { path: '/auth/v1', router: authWellKnown },
];

const admin: Mount[] = [{ path: '/trpc', router: adminRoute }];

const agents: Mount[] = [
  { path: '/agent/v1', router: enrolment },
  { path: '/agent/v1', router: desiredList },
  { path: '/agent/v1', router: reports },
  { path: '/agent/v1', router: departure },
];

const databases: Mount[] = [
  pgMeta,
  dataApi,
  dataApiSettings,
  lints,
  entitlementRoutes,
  billing,
  resourceWarnings,
  sso,
].map((router) => ({ path: '/platform', router }));

/** Last: a row of the table never hides a route that is served. */
const absent: Mount[] = ['/platform', '/v1'].map((path) => ({ path, router: absentRoutes(path) }));
