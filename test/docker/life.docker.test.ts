import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { labels } from '../../agent/stack/labels.ts';
import type { CreatedProject } from '../../client/contract/projects.ts';
import { callOk } from '../../launcher/api.ts';
import { isTaken } from '../../launcher/free-port.ts';
import releases from '../../schema/stack-releases.json' with { type: 'json' };
import { until } from '../support/until.ts';
import { lives } from './containers.ts';
import { describeWithDocker, imagesOf, labelled, requiredEngine } from './engine.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { type Keys, keysOf, signingKeyOf, supabase, userToken } from './project-clients.ts';
import { psql } from './psql.ts';

const password = 'p$$ "word" \\ # é of 1';
const [alice, bob] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'];
const tables = `create table notes (id int primary key, owner uuid, body text, is_public bool default false);
alter table notes enable row level security;
create policy everybody on notes for select to anon using (is_public);
create policy own on notes to authenticated using (auth.uid() = owner) with check (auth.uid() = owner);
insert into notes values (1, null, 'for all', true), (2, '${alice}', 'of alice', false), (3, '${bob}', 'of bob', false)`;

const nothing = { containers: [], networks: [], volumes: [] };

describeWithDocker('a project on a Docker host, through npm start', () => {
  const engine = requiredEngine();
  let fleet: Fleet;
  let other: string;
  let before: { others: object; host: object; edge: unknown };
  let project: CreatedProject;
  let keys: Keys;

  beforeAll(async () => {
    fleet = await startFleet(engine);
    other = fleet.dev.project ?? '';
    const [others, host] = [lives(await fleet.containers(other)), lives(await fleet.containers())];
    before = { others, host, edge: await fleet.edgeConfig() };
  });
  afterAll(() => fleet?.remove());

  const change = async (...words: string[]) => JSON.parse(await fleet.supafleet(['projects', ...words, '--json']));
  const bodies = async (key: string, token?: string) => {
    const { data, error, status } = await supabase(project, key, token).from('notes').select('body').order('id');
    return error === null ? data.map(({ body }) => body) : status;
  };
  const serviceImages = (release: keyof typeof releases.releases) => {
    const { images } = imagesOf(engine);
    const { supavisor: _, analytics: __, vector: ___, ...standard } = releases.releases[release].images;
    return Object.fromEntries(Object.entries(standard).map(([service, image]) => [service, images[image]]));
  };
  const runningImages = async () =>
    Object.fromEntries([...(await fleet.containers(project.ref))].map(([service, { image }]) => [service, image]));

  test('the first start has a healthy project that publishes no port of the machine', async () => {
    await fleet.untilStatus(other, 'ACTIVE_HEALTHY');
    const containers = [...(await fleet.containers(other)).values(), ...(await fleet.containers()).values()];
    expect(containers).toHaveLength(7 + 2);
    for (const { service, publishedPorts } of containers) expect(publishedPorts, service).toEqual([]);
  });

  test('one made by the command comes up on the release and with the password that were asked for', async () => {
    const options = ['--organization', fleet.dev.organization, '--name', 'life', '--release', '2026.06'];
    const words = ['projects', 'create', ...options, '--password-stdin', '--wait', '--json'];
    project = JSON.parse(await fleet.supafleet(words, `${password}\n`));
    expect(project).toMatchObject({ status: 'ACTIVE_HEALTHY', release: '2026.06', generatedDatabasePassword: null });
    expect(await runningImages()).toEqual(serviceImages('2026.06'));
    keys = await keysOf(fleet, project.ref);
    await fleet.query(project.ref, tables);
  });

  test('supabase-js sees by each kind of key what row level security gives to its role', async () => {
    expect(await bodies(keys.publishable)).toEqual(['for all']);
    expect(await bodies(keys.anon)).toEqual(['for all']);
    expect(await bodies(keys.secret)).toEqual(['for all', 'of alice', 'of bob']);
    expect(await bodies(keys.serviceRole)).toEqual(['for all', 'of alice', 'of bob']);
  });

  test("a user's token, signed as auth signs, opens that user's rows and no others", async () => {
    const token = await userToken(await signingKeyOf(fleet, project.ref), alice);
    expect(await bodies(keys.publishable, token)).toEqual(['of alice']);
    expect(await bodies(keys.anon, token)).toEqual(['of alice']);
    const notes = supabase(project, keys.publishable, token).from('notes');
    expect((await notes.insert({ id: 4, owner: bob, body: 'forged' })).error?.code).toBe('42501');
    expect((await notes.insert({ id: 5, owner: alice, body: 'more' })).error).toBeNull();
  });

  test('keys and tokens of another project open nothing here', async () => {
    const foreign = await keysOf(fleet, other);
    for (const [kind, key] of Object.entries(foreign)) expect(await bodies(key), kind).toBe(401);
    const token = await userToken(await signingKeyOf(fleet, other), alice);
    expect(await bodies(keys.publishable, token)).toBe(401);
  });

  test('the front door lets its password in, and no other one or the superuser', async () => {
    expect(await psql(project, { password }, 'select current_user::text as me')).toEqual([{ me: 'postgres' }]);
    await expect(psql(project, { password: 'another one' }, 'select 1')).rejects.toThrow(/password authentication/);
    await expect(psql(project, { user: 'supabase_admin', password }, 'select 1')).rejects.toThrow(/supabase_admin/);
  });

  test('a pause stops its containers and keeps its data; clients are told so', async () => {
    expect(await change('pause', project.ref, '--wait')).toMatchObject({ status: 'INACTIVE' });
    for (const [service, { status }] of await fleet.containers(project.ref)) expect(status, service).toBe('exited');
    const answer = await fetch(`${project.url}/rest/v1/notes`, { headers: { apikey: keys.publishable } });
    expect([answer.status, await answer.json()]).toEqual([540, expect.objectContaining({ message: 'Project paused' })]);
    await expect(psql(project, { password }, 'select 1')).rejects.toThrow();
    expect((await labelled(engine, `${labels.ref}=${project.ref}`)).volumes).not.toEqual([]);
  });

  test('a restore brings it back with its data and its keys', async () => {
    expect(await change('restore', project.ref, '--wait')).toMatchObject({ status: 'ACTIVE_HEALTHY' });
    expect(await bodies(keys.secret)).toEqual(['for all', 'of alice', 'of bob', 'more']);
  });

  test('a change of size shows as RESIZING, changes limits and settings of Postgres, and keeps data', async () => {
    const memory = (await fleet.containers(project.ref)).get('db')?.memoryBytes;
    expect(await change('resize', project.ref, 'small')).toMatchObject({ status: 'RESIZING', size: 'small' });
    await fleet.untilStatus(project.ref, 'ACTIVE_HEALTHY');
    expect(memory).toBe(1024 ** 3);
    expect((await fleet.containers(project.ref)).get('db')?.memoryBytes).toBe(2 * 1024 ** 3);
    const settings = "select current_setting('max_connections') as connections, count(*)::int as notes from notes";
    expect(await psql(project, { password }, settings)).toEqual([{ connections: '90', notes: 4 }]);
  });

  test('an upgrade changes every image and keeps data; going back is refused', async () => {
    const wanted = { status: 'ACTIVE_HEALTHY', release: '2026.09' };
    expect(await change('upgrade', project.ref, '2026.09', '--wait')).toMatchObject(wanted);
    expect(await runningImages()).toEqual(serviceImages('2026.09'));
    expect(await bodies(keys.secret)).toHaveLength(4);
    const images = lives(await fleet.containers(project.ref));
    await expect(change('upgrade', project.ref, '2026.06')).rejects.toThrow(/2026\.06 is not possible/);
    expect(lives(await fleet.containers(project.ref))).toEqual(images);
  });

  test('a restart starts every container again', async () => {
    const started = await fleet.containers(project.ref);
    expect(await change('restart', project.ref, '--wait')).toMatchObject({ status: 'ACTIVE_HEALTHY' });
    for (const [service, { startedAt }] of await fleet.containers(project.ref))
      expect(startedAt, service).not.toBe(started.get(service)?.startedAt);
    expect(await bodies(keys.publishable)).toEqual(['for all']);
  });

  test('nothing of it is left after it is deleted', async () => {
    const port = Number(new URL(project.url).port);
    const home = fleet.home(project.ref);
    expect(await isTaken('127.0.0.1', port)).toBe(true);
    expect(await change('delete', project.ref, '--yes', '--wait')).toMatchObject({ status: 'REMOVED' });
    expect(await labelled(engine, `${labels.ref}=${project.ref}`)).toEqual(nothing);
    expect(await engine.run(['volume', 'ls', '--quiet', '--filter', `name=${project.ref}`])).toBe('');
    expect(await readdir(dirname(home))).toEqual([other]);
    await until(async () => !(await isTaken('127.0.0.1', port)), { what: 'its port to be free' });
    expect(await fleet.edgeConfig()).toEqual(before.edge);
    await expect(psql(project, { password }, 'select 1')).rejects.toThrow();
  });

  test("one made by Studio's request that is deleted while it comes up leaves nothing either", async () => {
    const body = {
      ...{ organization_slug: fleet.dev.organization, name: 'short', cloud_provider: 'AWS' },
      desired_instance_size: 'small',
    };
    const token = fleet.dev.access_token;
    const answer = await callOk(`${fleet.dev.url}/platform/projects`, { method: 'POST', token, body });
    const { ref } = z.object({ ref: z.string() }).parse(answer);
    const isBegun = async () => (await fleet.containers(ref)).get('db')?.status === 'running';
    await until(isBegun, { what: 'its database to be started', timeoutMs: 60_000 });
    expect((await fleet.containers(ref)).get('db')?.memoryBytes).toBe(2 * 1024 ** 3);
    await change('delete', ref, '--yes', '--wait');
    expect(await labelled(engine, `${labels.ref}=${ref}`)).toEqual(nothing);
    expect(await readdir(dirname(fleet.home(ref)))).toEqual([other]);
    expect(await fleet.edgeConfig()).toEqual(before.edge);
  });

  test('no container of another project, or of the host, was touched by any of this', async () => {
    expect(lives(await fleet.containers(other))).toEqual(before.others);
    expect(lives(await fleet.containers())).toEqual(before.host);
    const page = await callOk(`${fleet.dev.url}/platform/projects`, { token: fleet.dev.access_token });
    expect(page).toMatchObject({ projects: [{ ref: other, status: 'ACTIVE_HEALTHY' }] });
  });
});
