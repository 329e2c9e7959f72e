import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Project } from '../../client/contract/projects.ts';
import { profileServices } from '../../schema/stack-profiles.ts';
import { stackReleases } from '../../schema/stack-releases.ts';
import { until } from '../support/until.ts';
import { type FleetContainer, lives } from './containers.ts';
import { describeWithDocker, engineAt, imagesOf, requiredEngine } from './engine.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { type HangableSocket, openHangableSocket } from './hangable-socket.ts';
import { keepRow } from './kept-row.ts';
import { mayStartEngine, type OwnEngine, startOwnEngine } from './own-engine.ts';

/** The longest of them is for the long run; it says so where it is left out. */
const isLong = process.env.SUPAFLEET_FULL === undefined;
const why = isLong ? ' (skipped: part of .ci/run --full)' : '';

describeWithDocker('an engine that hangs, dies and comes back', () => {
  let mayStart = false;
  let own: OwnEngine;
  let socket: HangableSocket;
  let fleet: Fleet;
  let first: Project;
  let read: () => Promise<unknown>;

  beforeAll(async () => {
    mayStart = await mayStartEngine();
    if (!mayStart) return;
    const from = requiredEngine();
    own = await startOwnEngine({ from, images: neededImages(), addressPool: '10.192.0.0/10' });
    socket = await openHangableSocket(own.engine.socketPath);
    const environment = { ...own.engine.environment, DOCKER_HOST: `unix://${socket.socketPath}` };
    fleet = await startFleet(engineAt({ ...own.engine, socketPath: socket.socketPath, environment }));
    first = await fleet.client.projects.get.query({ ref: fleet.dev.project ?? '' });
    read = await keepRow(fleet, first);
    await untilRead();
  }, 240_000);
  beforeEach((context) => {
    if (!mayStart) context.skip('this takes root, dockerd and iptables');
  });
  afterAll(async () => {
    await fleet?.remove();
    await socket?.close();
    await own?.remove();
  });

  test('while it hangs, what runs is served and what is wanted says why; then all goes on, and nothing was touched', async () => {
    const before = lives(await fleet.containers(first.ref));
    socket.hang();
    const { ref } = await fleet.client.projects.create.mutate({
      organization: first.organization,
      name: 'waits',
      profile: 'minimal',
    });
    await until(async () => (await reasonOf(ref)).includes('did not answer'), {
      what: 'the reason to be told',
      timeoutMs: 40_000,
      everyMs: 200,
    });
    expect(await read()).toEqual([{ id: 7 }]);
    expect((await fleet.client.projects.get.query({ ref: first.ref })).status).toBe('ACTIVE_HEALTHY');
    socket.answer();
    await fleet.untilStatus(ref, 'ACTIVE_HEALTHY');
    await fleet.untilStatus(first.ref, 'ACTIVE_HEALTHY');
    expect(lives(await fleet.containers(first.ref))).toEqual(before);
    await fleet.client.projects.remove.mutate({ ref });
  });

  test('after it was killed, the same containers run again, and the data is there', async () => {
    const before = await fleet.containers(first.ref);
    await own.kill();
    await own.start();
    await untilWhole(before);
  });

  test(`killed while nobody looked, with the agent gone as well: the next start finds everything in order${why}`, async (context) => {
    if (isLong) context.skip('part of .ci/run --full');
    const before = await fleet.containers(first.ref);
    await fleet.installation.stop();
    await own.kill();
    await own.start();
    await fleet.installation.start();
    await untilWhole(before);
  });

  async function reasonOf(ref: string): Promise<string> {
    return (await fleet.client.projects.get.query({ ref })).statusReason ?? '';
  }

  async function untilRead(timeoutMs = 60_000): Promise<void> {
    const isRead = () =>
      read().then(
        (rows) => JSON.stringify(rows) === '[{"id":7}]',
        () => false,
      );
    await until(isRead, { what: 'the row to be read', timeoutMs, everyMs: 200 });
  }

  async function untilWhole(before: ReadonlyMap<string, FleetContainer>): Promise<void> {
    await untilRead();
    await fleet.untilStatus(first.ref, 'ACTIVE_HEALTHY');
    const ids = (containers: ReadonlyMap<string, FleetContainer>) =>
      [...containers].map(([service, { id, status }]) => `${service} ${id} ${status}`).sort();
    expect(ids(await fleet.containers(first.ref))).toEqual(ids(before));
  }
});

/** Of what these projects and the host itself run. */
function neededImages(): string[] {
  const { images } = stackReleases.releases[stackReleases.newest] ?? { images: null };
  const services = images === null ? [] : profileServices.standard.map((service) => images[service]);
  const { images: map } = imagesOf(requiredEngine());
  return [...services, ...Object.values(stackReleases.host)].map((name) => map[name] ?? name);
}
