import { type AccessStore, accessStore } from './access.ts';
import { type AccessTokenStore, accessTokenStore } from './access-tokens.ts';
import { type AccountStore, accountStore } from './accounts.ts';
import { type AlterationStore, alterationStore } from './alterations.ts';
import { type ApiKeyStore, apiKeyStore } from './api-keys.ts';
import { type AuditChainStore, auditChainStore } from './audit-chains.ts';
import { type AuditLogStore, auditLogStore } from './audit-log.ts';
import { type AuthCodeStore, authCodeStore } from './auth-codes.ts';
import { type BootstrapStore, bootstrapStore } from './bootstrap.ts';
import { type CliLoginStore, cliLoginStore } from './cli-logins.ts';
import type { Database } from './db.ts';
import { type DepartureStore, departureStore } from './departures.ts';
import { type DesiredStore, desiredStore } from './desired.ts';
import { type EnrolmentStore, enrolmentStore } from './enrolment.ts';
import { type FactorChallengeStore, factorChallengeStore } from './factor-challenges.ts';
import { type FactorRemovalStore, factorRemovalStore } from './factor-removal.ts';
import { type FactorStore, factorStore } from './factors.ts';
import { type HostStore, hostStore } from './hosts.ts';
import { type IdentityStore, identityStore } from './identities.ts';
import { type InvitationChangeStore, invitationChangeStore } from './invitation-changes.ts';
import { type InvitationStore, invitationStore } from './invitations.ts';
import { type MemberChangeStore, memberChangeStore } from './member-changes.ts';
import { type MemberStore, memberStore } from './members.ts';
import { type NotificationStore, notificationStore } from './notifications.ts';
import { type OauthFlowStore, oauthFlowStore } from './oauth-flows.ts';
import { type ObservationStore, observationStore } from './observations.ts';
import { type OneTimeTokenStore, oneTimeTokenStore } from './one-time-tokens.ts';
import { type OrganizationChangeStore, organizationChangeStore } from './organization-changes.ts';
import { type OrganizationStore, organizationStore } from './organizations.ts';
import { type OwnAccountStore, ownAccountStore } from './own-account.ts';
import { type ProjectCreationStore, projectCreationStore } from './project-creation.ts';
import { type ProjectListStore, projectListStore } from './project-lists.ts';
import { type ProjectStore, projectStore } from './projects.ts';
import { type RateLimitStore, rateLimitStore } from './rate-limits.ts';
import { type RefusalStore, refusalStore } from './refusals.ts';
import { type SessionStore, sessionStore } from './sessions.ts';
import { type SignUpStore, signUpStore } from './sign-ups.ts';
import { type SpecStore, specStore } from './specs.ts';
import { type SystemStore, systemStore } from './system.ts';

/** Queries and compare-and-set writes, by what they are about. */
export type Stores = {
  sessions: SessionStore;
  bootstrap: BootstrapStore;
  accessTokens: AccessTokenStore;
  accounts: AccountStore;
  ownAccount: OwnAccountStore;
  signUps: SignUpStore;
  oneTimeTokens: OneTimeTokenStore;
  access: AccessStore;
  alterations: AlterationStore;
  cliLogins: CliLoginStore;
  departures: DepartureStore;
  desired: DesiredStore;
  enrolment: EnrolmentStore;
  factorChallenges: FactorChallengeStore;
  factorRemoval: FactorRemovalStore;
  factors: FactorStore;
  identities: IdentityStore;
  oauthFlows: OauthFlowStore;
  authCodes: AuthCodeStore;
  hosts: HostStore;
  observations: ObservationStore;
  specs: SpecStore;
  system: SystemStore;
  auditLog: AuditLogStore;
  auditChains: AuditChainStore;
  refusals: RefusalStore;
  projects: ProjectStore;
  projectCreation: ProjectCreationStore;
  projectLists: ProjectListStore;
  apiKeys: ApiKeyStore;
  organizations: OrganizationStore;
  organizationChanges: OrganizationChangeStore;
  notifications: NotificationStore;
  invitationChanges: InvitationChangeStore;
  invitations: InvitationStore;
  memberChanges: MemberChangeStore;
  members: MemberStore;
  rateLimits: RateLimitStore;
};

/** Every store over one database; statements are prepared here, once. */
export function createStores(database: Database): Stores {
  return {
    sessions: sessionStore(database),
    bootstrap: bootstrapStore(database),
    accessTokens: accessTokenStore(database),
    accounts: accountStore(database),
    ownAccount: ownAccountStore(database),
    signUps: signUpStore(database),
    oneTimeTokens: oneTimeTokenStore(database),
    access: accessStore(database),
    alterations: alterationStore(database),
    cliLogins: cliLoginStore(database),
    departures: departureStore(database),
    desired: desiredStore(database),
    enrolment: enrolmentStore(database),
    factorChallenges: factorChallengeStore(database),
    factorRemoval: factorRemovalStore(database),
    factors: factorStore(database),
    identities: identityStore(database),
    oauthFlows: oauthFlowStore(database),
    authCodes: authCodeStore(database),
    hosts: hostStore(database),
    observations: observationStore(database),
    specs: specStore(database),
    system: systemStore(database),
    auditLog: auditLogStore(database),
    auditChains: auditChainStore(database),
    refusals: refusalStore(database),
    projects: projectStore(database),
    projectCreation: projectCreationStore(database),
    projectLists: projectListStore(database),
    apiKeys: apiKeyStore(database),
    organizations: organizationStore(database),
    organizationChanges: organizationChangeStore(database),
    notifications: notificationStore(database),
    invitationChanges: invitationChangeStore(database),
    invitations: invitationStore(database),
    memberChanges: memberChangeStore(database),
    members: memberStore(database),
    rateLimits: rateLimitStore(database),
  };
}
