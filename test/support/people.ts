import { randomBytes, randomUUID } from 'node:crypto';
import type { Role } from '../../schema/roles.ts';
import type { TestApp } from './app.ts';

export type Person = { accountId: string; email: string; sessionId: string; token: string; headers: HeadersInit };
export type TestOrganization = { id: number; slug: string; name: string };
export type TestHost = { id: string };

/** A signed-in account of its own. */
export async function createPerson(test: TestApp, options: { isOperator?: boolean } = {}): Promise<Person> {
  const accountId = randomUUID();
  const sessionId = randomUUID();
  const email = `${accountId}@example.com`;
  const now = test.clock.now();
  await test.client.batch(
    [
      {
        sql: `insert into accounts (id, number, email, password_hash, username, is_operator, created_at, email_confirmed_at)
              select ?, coalesce(max(number), 0) + 1, ?, 'plain$correct horse battery', ?, ?, ?, ? from accounts`,
        args: [accountId, email, email, options.isOperator === true ? 1 : 0, now, now],
      },
      {
        sql: 'insert into sessions (id, account_id, aal, created_at, refreshed_at, expires_at) values (?, ?, ?, ?, ?, ?)',
        args: [sessionId, accountId, 'aal1', now, now, now + 86_400_000],
      },
    ],
    'write',
  );
  const { token } = await test.deps.sessionTokens.sign({
    sessionId,
    accountId,
    email,
    userMetadata: {},
    aal: 'aal1',
    amr: [{ method: 'password', timestamp: Math.floor(now / 1000) }],
    issuedAt: Math.floor(now / 1000),
  });
  return { accountId, email, sessionId, token, headers: { authorization: `Bearer ${token}` } };
}

/** An organization of its own with the given members. */
export async function createOrganization(
  test: TestApp,
  members: { person: Person; role: Role }[],
): Promise<TestOrganization> {
  const slug = letters(20);
  const name = `Organization ${slug}`;
  const now = test.clock.now();
  const [created] = await test.client.batch(
    [
      { sql: 'insert into organizations (slug, name, created_at) values (?, ?, ?)', args: [slug, name, now] },
      ...members.map(({ person, role }) => ({
        sql: `insert into memberships (organization_id, account_id, role, created_at)
              select id, ?, ?, ? from organizations where slug = ?`,
        args: [person.accountId, role, now, slug],
      })),
    ],
    'write',
  );
  return { id: Number(created?.lastInsertRowid), slug, name };
}

/** Makes the person a member of single projects, if it is not one yet, with that role in one more. */
export async function assignProject(
  test: TestApp,
  { person, slug, ref, role }: { person: Person; slug: string; ref: string; role: Role },
): Promise<void> {
  const now = test.clock.now();
  await test.client.batch(
    [
      {
        sql: `insert or ignore into memberships (organization_id, account_id, role, created_at)
              select id, ?, 'Project-scoped', ? from organizations where slug = ?`,
        args: [person.accountId, now, slug],
      },
      {
        sql: `insert into project_roles (account_id, organization_id, ref, role, created_at)
              select ?, id, ?, ?, ? from organizations where slug = ?`,
        args: [person.accountId, ref, role, now, slug],
      },
    ],
    'write',
  );
}

/** A host that reported just now. */
export async function createHost(
  test: TestApp,
  options: { firstPort?: number; lastPort?: number; runtime?: 'embedded' | 'compose' } = {},
): Promise<TestHost> {
  const id = randomUUID();
  const now = test.clock.now();
  await test.client.execute({
    sql: `insert into hosts (id, name, region, public_key, runtime, agent_version, project_host, first_port, last_port,
                             enrolled_at, reported_at, verified_at)
          values (?, ?, 'local', ?, ?, '0.1.0', 'localhost', ?, ?, ?, ?, ?)`,
    args: [
      id,
      `host-${id}`,
      letters(43),
      options.runtime ?? 'embedded',
      options.firstPort ?? 20_000,
      options.lastPort ?? 29_999,
      now,
      now,
      now,
    ],
  });
  return { id };
}

/** A project on that host, by default healthy and just verified. */
export async function createProject(
  test: TestApp,
  organization: TestOrganization,
  host: TestHost,
  options: { phase?: string; power?: string; change?: string } = {},
): Promise<{ ref: string }> {
  const ref = letters(20);
  const now = test.clock.now();
  await test.client.batch(
    [
      {
        sql: `insert into projects (ref, organization_id, name, cloud_provider, region, size, postgres_version, host_id,
                                    first_port, power, change, generation, rest, created_at, changed_at)
              select ?, ?, ?, 'AWS', 'us-east-1', 'micro', '17', ?,
                     coalesce((select max(first_port) from projects where host_id = ?), 19990) + 10,
                     ?, ?, 1, '{"schemas":["public"],"extraSearchPath":["public","extensions"],"maxRows":1000}', ?, ?`,
        args: [
          ref,
          organization.id,
          ref,
          host.id,
          host.id,
          options.power ?? 'running',
          options.change ?? 'create',
          now,
          now,
        ],
      },
      {
        sql: `insert into observations (ref, generation, phase, reported_at, verified_at, healthy_generation,
                                        gateway_protocol, gateway_endpoint, services)
              values (?, 1, ?, ?, ?, ?, 'http', 'localhost:20000', '[]')`,
        args: [ref, options.phase ?? 'healthy', now, now, 1],
      },
    ],
    'write',
  );
  return { ref };
}

export function letters(length: number): string {
  return Array.from(randomBytes(length), (byte) => String.fromCharCode(97 + (byte % 26))).join('');
}
