import { organizationSlug } from '../../schema/ids.ts';

/** A malformed slug is looked up as one that nobody has, so that it costs and says the same. */
export function knownSlug(slug: string): string {
  return organizationSlug.safeParse(slug).success ? slug : '';
}
