import { beforeAll, describe, expect, test } from 'vitest';
import { projectListStore } from '../../../worker/store/project-lists.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createOrganization, createPerson, type Person, type TestOrganization } from '../../support/people.ts';
import { recordStatements } from '../../support/query-plans.ts';

const sorts = ['name_asc', 'name_desc', 'created_asc', 'created_desc'] as const;

describe('a list of projects without a filter', () => {
  let t: TestApp;
  let owner: Person;
  let organization: TestOrganization;

  beforeAll(async () => {
    t = await createTestApp();
    owner = await createPerson(t);
    organization = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
  });

  const plansOf = async (sort: (typeof sorts)[number], slug: string | null) => {
    const { database, plansOf } = recordStatements(t.client);
    const store = projectListStore(database);
    const credential = { kind: 'session', id: owner.sessionId } as const;
    const page = { limit: 100, offset: 0, sort, search: '', statuses: null };
    const times = { now: t.clock.now(), lostAfterMs: 60_000, verifiedWithinMs: 30_000 };
    await (slug === null ? store.projects(credential, page, times) : store.projectsOf(credential, slug, page, times));
    return { pages: await plansOf(/^select "projects"/), counts: await plansOf(/count\(\*\)/) };
  };

  test.each(sorts)('by %s finds its page in indexes alone, and counts nothing that is kept', async (sort) => {
    for (const slug of [null, organization.slug]) {
      const { pages, counts } = await plansOf(sort, slug);
      expect([pages.length, counts.length]).toEqual([1, 1]);
      // nothing but rows of its own making is gone through
      for (const plan of [...pages, ...counts]) expect(plan).not.toMatch(/SCAN (?!\(subquery|CONSTANT)/);
      expect(pages[0]).toMatch(/SEARCH listed USING (COVERING )?INDEX projects_by_organization/);
      expect(pages[0]).toMatch(/SEARCH projects USING INTEGER PRIMARY KEY/);
      expect(counts[0]).not.toMatch(/hosts|observations/);
    }
  });
});
