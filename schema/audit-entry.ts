/** Every action an audit entry may name; adding one starts here. */
export const auditActions = [
  'account.create',
  'account.disable',
  'account.enable',
  'account.sign-up',
  'account.confirm',
  'account.invite',
  'account.reset',
  'account.profile-change',
  'account.password-change',
  'account.email-change',
  'access.refused',
  'account.sign-in',
  'account.sign-in-refused',
  'account.sign-out',
  'session.reuse-detected',
  'mfa.enrol',
  'mfa.verify',
  'mfa.unenrol',
  'mfa.reset',
  'identity.link',
  'identity.unlink',
  'access-token.create',
  'access-token.revoke',
  'organization.create',
  'organization.update',
  'organization.delete',
  'organization.transfer',
  'organization.enforce-mfa',
  'member.set-role',
  'member.set-project-roles',
  'member.remove',
  'member.leave',
  'invitation.create',
  'invitation.accept',
  'invitation.decline',
  'invitation.revoke',
  'project.create',
  'project.update',
  'project.pause',
  'project.restore',
  'project.restart',
  'project.resize',
  'project.upgrade',
  'project.set-profile',
  'project.drift',
  'project.spec_export',
  'project.remove',
  'project.removed',
  'enrolment-token.create',
  'host.enrol',
  'host.leave',
  'host.revoke',
  'host.cordon',
  'host.uncordon',
  'host.lost',
] as const;
export type AuditAction = (typeof auditActions)[number];

export type AuditEntry = {
  organizationId: number | null;
  action: AuditAction;
  /** a ref, a slug, a host id … */
  target: string;
  /** free of secrets */
  details?: Record<string, string | number | boolean | null>;
};
