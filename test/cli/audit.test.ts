import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { createPerson, type Person } from '../support/people.ts';
import { type ChainedOrganization, createChained } from '../worker/audit/chained.ts';
import { runSupafleet } from './run-supafleet.ts';

describe('supafleet audit', () => {
  let t: TestApp;
  let owner: Person;
  let organization: ChainedOrganization;
  let directory: string;

  beforeAll(async () => {
    t = await createTestApp();
    owner = await createPerson(t);
    organization = await createChained(t, owner, 3);
    directory = await mkdtemp(join(tmpdir(), 'supafleet-audit-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const audit = (...args: string[]) => runSupafleet(t, owner, ['audit', ...args, '--organization', organization.slug]);

  test('list takes who, what and when', async () => {
    const all = ['--actor', owner.email, '--action', 'project.update', '--project', organization.ref];
    const { code, out } = await audit('list', ...all, '--since', '2020-01-01T00:00:00Z', '--json');
    expect([code, JSON.parse(out).items.length]).toEqual([0, 3]);
    expect((await audit('list', '--until', '2020-01-01T00:00:00Z', '--json')).out).toContain('"items": []');
  });

  test('head prints one line to keep, and verify takes it', async () => {
    const head = await audit('head');
    expect(head).toMatchObject({ code: 0, out: expect.stringMatching(/^4:[0-9a-f]{64}\n$/) });
    const verified = await audit('verify', '--head', head.out.trim());
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('4 entries') });
    expect((await audit('verify', '--head', `4:${'0'.repeat(64)}`)).code).toBe(5);
    expect((await audit('verify', '--head', 'nonsense')).code).toBe(2);
  });

  test('verify keeps the head in a file, and finds what was cut off since; its exit code is 5', async () => {
    const file = join(directory, 'head');
    const first = await audit('verify', '--head-file', file);
    expect(first).toMatchObject({ code: 0, err: expect.stringContaining('not there yet') });
    expect(await readFile(file, 'utf8')).toMatch(/^4:[0-9a-f]{64}\n$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { rows } = await t.client.execute({
      sql: 'select sequence, hash, seal from audit_heads where organization_id = ?',
      args: [organization.id],
    });
    await runSupafleet(t, owner, ['projects', 'rename', organization.ref, '--name', 'later']);
    expect((await audit('verify', '--head-file', file)).code).toBe(0);
    const kept = await readFile(file, 'utf8');
    expect(kept).toMatch(/^5:/);
    // the database of before
    const before = rows[0];
    await t.client.batch(
      [
        { sql: 'delete from audit_entries where organization_id = ? and sequence = 5', args: [organization.id] },
        {
          sql: 'update audit_heads set sequence = 4, hash = ?, seal = ? where organization_id = ?',
          args: [String(before?.hash), String(before?.seal), organization.id],
        },
        {
          sql: 'update audit_entries set seal = ? where organization_id = ? and sequence = 4',
          args: [String(before?.seal), organization.id],
        },
      ],
      'write',
    );
    expect((await audit('verify')).code).toBe(0);
    const cut = await audit('verify', '--head-file', file);
    expect(cut).toMatchObject({ code: 5, out: '', err: expect.stringContaining('not whole at entry 4') });
    expect(await readFile(file, 'utf8'), 'what was found is not forgotten').toBe(kept);
    const json = await audit('verify', '--head-file', file, '--json');
    expect(JSON.parse(json.err)).toMatchObject({ error: { code: 'notIntact' } });
    await writeFile(file, 'something else');
    expect((await audit('verify', '--head-file', file)).code).toBe(2);
  });
});
