import { z } from 'zod';

/** A project's reference: 20 lower-case letters, as Supabase gives them. */
export const projectRef = z.string().regex(/^[a-z]{20}$/, 'must be a project ref of 20 lower-case letters');

/** An organization's slug, its name in URLs. Those made here are 20 lower-case letters, as Supabase gives them. */
export const organizationSlug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be an organization slug of lower-case letters, digits and hyphens');

/** A host's id: a UUID made by the control plane at enrolment. */
export const hostId = z.uuid();
