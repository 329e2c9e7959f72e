import { beforeAll, describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { fetchInto } from '../support/client.ts';
import {
  createHost,
  createOrganization,
  createPerson,
  createProject,
  type Person,
  type TestOrganization,
} from '../support/people.ts';
import { runSupafleet } from './run-supafleet.ts';

describe('supafleet projects … --wait', () => {
  let t: TestApp;
  let owner: Person;
  let organization: TestOrganization;
  let ref: string;

  beforeAll(async () => {
    t = await createTestApp();
    owner = await createPerson(t);
    organization = await createOrganization(t, [{ person: owner, role: 'Owner' }]);
  });
  const project = async () => {
    ref = (await createProject(t, organization, await createHost(t))).ref;
    return ref;
  };
  const observe = (phase: string) =>
    t.client.execute({
      sql: 'update observations set phase = ?, generation = (select generation from projects where ref = ?) where ref = ?',
      args: [phase, ref, ref],
    });

  test('ends once the project is where it should be, a line for each status on the way', async () => {
    await project();
    const { code, out, err } = await runSupafleet(t, owner, ['projects', 'pause', ref, '--wait'], {
      onSleep: async (times) => void (times === 3 && (await observe('stopped'))),
    });
    expect(code).toBe(0);
    expect(out).toMatch(/Status +INACTIVE/);
    expect(
      err
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[2]),
    ).toEqual(['PAUSING', 'INACTIVE']);
  });

  test.each([
    ['resize', 'large', 'RESIZING'],
    ['upgrade', '2026.09', 'UPGRADING'],
    ['profile', 'full', 'RESIZING'],
  ])('%s ends once the project is up again', async (verb, to, status) => {
    await project();
    await t.client.batch(
      [
        { sql: "update projects set release = '2026.06' where ref = ?", args: [ref] },
        {
          sql: "update hosts set runtime = 'compose' where id = (select host_id from projects where ref = ?)",
          args: [ref],
        },
      ],
      'write',
    );
    const { code, out, err } = await runSupafleet(t, owner, ['projects', verb, ref, to, '--wait'], {
      onSleep: async (times) => void (times === 2 && (await observe('healthy'))),
    });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/Status +ACTIVE_HEALTHY/) });
    expect(err).toContain(status);
  });

  test('a paused project is not waited for: it takes its size when it comes back', async () => {
    await project();
    await t.client.execute({
      sql: "update projects set power = 'paused', change = 'pause' where ref = ?",
      args: [ref],
    });
    await observe('stopped');
    const { code, out } = await runSupafleet(t, owner, ['projects', 'resize', ref, 'large', '--wait']);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/Status +INACTIVE/) });
  });

  test('a removed project is gone, not an error', async () => {
    await project();
    const { code, out } = await runSupafleet(t, owner, ['projects', 'remove', ref, '--yes', '--wait'], {
      async onSleep() {
        await t.client.execute({ sql: 'delete from observations where ref = ?', args: [ref] });
        await t.client.execute({ sql: 'delete from projects where ref = ?', args: [ref] });
      },
    });
    expect({ code, out }).toEqual({ code: 0, out: `The project ${ref} is gone.\n` });
  });

  test('a project that fails ends the wait with exit 1 and its status', async () => {
    await project();
    const { code, err } = await runSupafleet(t, owner, ['projects', 'pause', ref, '--wait'], {
      onSleep: async () => void (await observe('failed')),
    });
    expect(code).toBe(1);
    expect(err).toContain('PAUSE_FAILED');
  });

  test('no longer than asked for; what it says then is true', async () => {
    await project();
    const { code, err } = await runSupafleet(t, owner, ['projects', 'pause', ref, '--wait', '--timeout', '2']);
    expect(code).toBe(1);
    expect(err).toContain(`${ref} is PAUSING, not INACTIVE within 2 s`);
  });

  test('Ctrl-C ends the waiting only', async () => {
    await project();
    const { code, err } = await runSupafleet(t, owner, ['projects', 'pause', ref, '--wait'], {
      onSleep: (_times, interrupt) => interrupt(),
    });
    expect(code).toBe(130);
    expect(err).toContain('goes on by itself');
    const { out } = await runSupafleet(t, owner, ['projects', 'get', ref]);
    expect(out).toContain('PAUSING');
  });

  test('a control plane that does not answer for a moment is waited for', async () => {
    await project();
    let down = false;
    const { code, err } = await runSupafleet(t, owner, ['projects', 'pause', ref, '--wait'], {
      fetch: (input, init) => (down ? Promise.reject(new TypeError('fetch failed')) : fetchInto(t)(input, init)),
      async onSleep(times) {
        down = times < 3;
        if (!down) await observe('stopped');
      },
    });
    expect(code).toBe(0);
    expect(err).toContain('no answer, trying on');
  });

  test('a project whose creation is waited for in vain still tells its generated password', async () => {
    await createHost(t);
    const args = ['projects', 'create', '--organization', organization.slug, '--name', 'n', '--wait', '--timeout', '1'];
    const { code, out } = await runSupafleet(t, owner, [...args, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      status: 'COMING_UP',
      generatedDatabasePassword: expect.stringMatching(/.{16}/),
    });
  });
});
