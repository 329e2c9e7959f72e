import type { Database } from './db.ts';
import { type ProjectStore, projectStore } from './projects.ts';

/** Queries and compare-and-set writes, by what they are about. */
export type Stores = {
  projects: ProjectStore;
};

export function createStores(database: Database): Stores {
  return {
    projects: projectStore(database),
  };
}
