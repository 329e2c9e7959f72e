import { and, eq, sql } from 'drizzle-orm';
import { organizations } from '../../schema/tables/organizations.ts';
import { projects } from '../../schema/tables/projects.ts';
import type { Database } from './db.ts';

/** Which of the refs of the placeholder `refs` (JSON) are projects of the organization of the placeholder `slug`. */
export function projectsAmongStatement({ orm, prepare }: Database) {
  return prepare(
    orm
      .select({ ref: projects.ref })
      .from(projects)
      .innerJoin(organizations, eq(organizations.id, projects.organizationId))
      .where(
        and(
          eq(organizations.slug, sql.placeholder('slug')),
          sql`${projects.ref} in (select value from json_each(${sql.placeholder('refs')}))`,
        ),
      ),
  );
}
