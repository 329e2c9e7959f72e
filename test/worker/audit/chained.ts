import type { TestApp } from '../../support/app.ts';
import { clientOf } from '../../support/client.ts';
import { createHost, createProject, type Person } from '../../support/people.ts';

export type ChainedOrganization = { id: number; slug: string; ref: string };

/** An organization made by its owner through the API, with a project that was renamed `renames` times. */
export async function createChained(test: TestApp, owner: Person, renames: number): Promise<ChainedOrganization> {
  const { organizations, projects } = clientOf(test, owner.token);
  const { slug, name } = await organizations.create.mutate({ name: 'Chained' });
  const { rows } = await test.client.execute({ sql: 'select id from organizations where slug = ?', args: [slug] });
  const id = Number(rows[0]?.id);
  const { ref } = await createProject(test, { id, slug, name }, await createHost(test));
  for (let index = 0; index < renames; index += 1) await projects.rename.mutate({ ref, name: `name ${index}` });
  return { id, slug, ref };
}
