import { beforeEach, describe, expect, test } from 'vitest';
import type { SupafleetClient } from '../../../client/index.ts';
import { liveSpec, stackSpec } from '../../../schema/stack-spec.ts';
import { clientOf } from '../../support/client.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { createSeededApp, type Seeded } from '../../support/seeded.ts';
import { desiredOf } from '../../support/test-agent.ts';

describe('the spec of a project', () => {
  let t: Seeded;
  let operator: Person;
  let client: SupafleetClient;

  beforeEach(async () => {
    t = await createSeededApp();
    operator = await createPerson(t, { isOperator: true });
    client = clientOf(t, operator.token);
  });

  const exported = async (showSecrets?: boolean) =>
    stackSpec.parse(
      await client.projects.spec.mutate({ ref: t.ref, ...(showSecrets !== undefined && { showSecrets }) }),
    );
  const audited = async () => {
    const { rows } = await t.client.execute({
      sql: `select actor_id, organization_id, details from audit_entries
            where target = ? and action = 'project.spec_export' order by id`,
      args: [t.ref],
    });
    return rows.map((row) => ({ ...row, details: JSON.parse(String(row.details)) }));
  };

  test('is what its agent gets, audited, in two round trips', async () => {
    t.roundTrips.reset();
    const spec = await exported(true);
    expect(t.roundTrips.count).toBe(2);
    expect(spec).toEqual(await desiredOf(t, t.ref));
    expect(await audited()).toEqual([
      { actor_id: operator.accountId, organization_id: t.organization.id, details: { secrets: true } },
    ]);
  });

  test('holds no secret unless one asks, and is well-formed all the same', async () => {
    const real = liveSpec.parse(await exported(true));
    const shown = liveSpec.parse(await exported());
    expect({ ...shown, secrets: null }).toEqual({ ...real, secrets: null });
    const text = JSON.stringify(shown);
    const { services, signingKey, apiKeys, ...others } = real.secrets;
    const secrets = [
      ...Object.values(others),
      ...Object.values(services),
      ...[signingKey.d, signingKey.x, signingKey.kid],
      ...apiKeys.map(({ key }) => key),
    ];
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(shown.secrets.apiKeys.map(({ name, type }) => [name, type])).toEqual(
      real.secrets.apiKeys.map(({ name, type }) => [name, type]),
    );
    for (const [name, value] of Object.entries(shown.secrets.services)) {
      expect(value.length, name).toBe(Reflect.get(services, name).length);
    }
    expect((await audited()).map(({ details }) => details)).toEqual([{ secrets: true }, { secrets: false }]);
  });

  test('of a project that is going names no secret, and of one without ports there is none', async () => {
    await t.client.execute({ sql: "update projects set power = 'removed' where ref = ?", args: [t.ref] });
    expect(await exported(true)).toEqual({ ref: t.ref, generation: 1, power: 'removed' });
    await t.client.execute({
      sql: "update projects set power = 'running', first_port = null where ref = ?",
      args: [t.ref],
    });
    await expect(exported()).rejects.toMatchObject({ code: 'wrong_state' });
  });

  test('is for operators, even of one’s own projects', async () => {
    const { projects } = clientOf(t, t.owner.token);
    await expect(projects.spec.mutate({ ref: t.ref })).rejects.toMatchObject({ code: 'forbidden' });
    expect(await audited()).toEqual([]);
  });
});
