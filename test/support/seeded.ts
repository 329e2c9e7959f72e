import type { ProjectGateway, ProjectRequest } from '../../worker/deps.ts';
import { createTestApp, type TestApp } from './app.ts';
import { createHost, createOrganization, createPerson, type Person, type TestOrganization } from './people.ts';

export type Seeded = TestApp & {
  owner: Person;
  reader: Person;
  stranger: Person;
  organization: TestOrganization;
  ref: string;
  /** what was asked of the project, behind its gateway */
  asked: ProjectRequest[];
};

/**
 * The app with an organization, people of each kind, and a project made by its own route that is up and healthy. What
 * the project itself would answer is decided by `answer`: the port ends there.
 */
export async function createSeededApp(
  answer: (request: ProjectRequest) => { status: number; body: string } = () => ({ status: 200, body: '[]' }),
): Promise<Seeded> {
  const asked: ProjectRequest[] = [];
  const projectGateway: ProjectGateway = {
    fetch: async (request) => {
      asked.push(request);
      return { headers: new Headers({ 'content-type': 'application/json' }), ...answer(request) };
    },
  };
  const test = await createTestApp({ projectGateway });
  const [owner, reader, stranger] = await Promise.all([createPerson(test), createPerson(test), createPerson(test)]);
  const organization = await createOrganization(test, [
    { person: owner, role: 'Owner' },
    { person: reader, role: 'Read-only' },
  ]);
  // the stranger is nobody's guest, but is not without an organization either
  await createOrganization(test, [{ person: stranger, role: 'Owner' }]);
  const host = await createHost(test);
  const response = await test.app.request('/platform/projects', {
    method: 'POST',
    headers: { ...owner.headers, 'content-type': 'application/json' },
    body: JSON.stringify(newProject(organization.slug)),
  });
  if (response.status !== 201) throw new Error(`no project could be made: ${await response.text()}`);
  const { ref }: { ref: string } = await response.json();
  // other suites have hosts as well, and theirs go silent or are revoked
  await test.client.execute({
    sql: 'update projects set host_id = ?, first_port = 20000 where ref = ?',
    args: [host.id, ref],
  });
  await observeHealthy(test, ref);
  return { ...test, owner, reader, stranger, organization, ref, asked };
}

/** Studio's own body. */
export function newProject(slug: string, name = 'Conforming'): Record<string, unknown> {
  return {
    cloud_provider: 'AWS',
    organization_slug: slug,
    name,
    db_pass: 'correct horse battery staple',
    db_region: 'East US (Ohio)',
    desired_instance_size: 'micro',
    data_api_use_api_schema: false,
    high_availability: false,
  };
}

/** What the project's agent would have reported just now. */
export async function observeHealthy(test: TestApp, ref: string): Promise<void> {
  const now = test.clock.now();
  await test.client.execute({
    sql: `insert or replace into observations
            (ref, generation, phase, reported_at, verified_at, healthy_generation, gateway_protocol, gateway_endpoint, services)
          select ref, generation, 'healthy', ?, ?, generation, 'http', 'localhost:20000', '[]' from projects where ref = ?`,
    args: [now, now, ref],
  });
}

/** As if the project had been paused, and its agent had said so. */
export async function pause(test: TestApp, ref: string): Promise<void> {
  await test.client.batch(
    [
      { sql: "update projects set power = 'paused', change = 'pause' where ref = ?", args: [ref] },
      { sql: "update observations set phase = 'stopped' where ref = ?", args: [ref] },
    ],
    'write',
  );
}
