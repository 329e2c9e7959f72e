import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../migrations');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .sort();

test('rows from before a release could be chosen have the one and the profile that new ones had then', () => {
  const database = new DatabaseSync(':memory:');
  const run = (name: string) => database.exec(readFileSync(join(folder, name), 'utf8'));
  try {
    const [first = '', ...later] = files;
    run(first);
    database.exec('pragma foreign_keys = off');
    database.exec(`
      insert into projects (id, ref, organization_id, name, cloud_provider, region, size, postgres_version, host_id, power,
                            change, generation, rest, created_at, changed_at)
      values (1, 'r', 1, 'n', 'AWS', 'us-east-1', 'micro', '17', 'h', 'running', 'create', 1, '{}', 0, 0);
      insert into observations (ref, generation, phase, reported_at, services) values ('r', 1, 'healthy', 0, '[]');`);
    for (const name of later) run(name);
    const row = database.prepare(
      'select release, profile, drift, drift_sequence from projects join observations using (ref)',
    );
    expect({ ...row.get() }).toEqual({ release: '2026.09', profile: 'standard', drift: '[]', drift_sequence: null });
  } finally {
    database.close();
  }
});
