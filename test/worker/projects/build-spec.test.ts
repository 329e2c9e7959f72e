import { expect, test } from 'vitest';
import { liveSpec, stackSpec } from '../../../schema/stack-spec.ts';
import { buildSpec, type SpecRow } from '../../../worker/projects/build-spec.ts';
import { newApiKey } from '../../../worker/projects/new-api-key.ts';
import { newSecrets } from '../../../worker/projects/new-secrets.ts';
import { systemRandom } from '../../../worker/system.ts';

const rest = { schemas: ['public', 'api'], extraSearchPath: ['extensions'], maxRows: 7 };
const row: SpecRow = {
  ref: 'a'.repeat(20),
  generation: 3,
  power: 'running',
  restarts: 2,
  release: '2026.06',
  postgresVersion: '17',
  profile: 'full',
  size: 'small',
  firstPort: 20_010,
  rest: JSON.stringify(rest),
};

async function secrets() {
  const { name, type, key } = await newApiKey(row.ref, { name: 'default', type: 'secret' }, systemRandom);
  const own = await newSecrets({ ref: row.ref, dbPassword: null }, systemRandom, 1_800_000_000_000);
  return { ...own, apiKeys: [{ name, type, key }] };
}

test('a spec carries every field that the protocol knows, each from its column', async () => {
  const opened = await secrets();
  const spec = buildSpec(row, opened);
  expect(stackSpec.parse(spec)).toEqual(spec);
  expect(Object.keys(spec ?? {}).sort()).toEqual(Object.keys(liveSpec.shape).sort());
  expect(spec).toEqual({ ...row, rest, secrets: opened });
  expect(buildSpec({ ...row, power: 'paused' }, opened)).toMatchObject({ power: 'paused', generation: 3 });
});

test('a removed project’s spec carries no secret, and one without ports is nothing to run', async () => {
  const opened = await secrets();
  expect(buildSpec({ ...row, power: 'removed' }, opened)).toEqual({ ref: row.ref, generation: 3, power: 'removed' });
  expect(buildSpec({ ...row, power: 'removed', firstPort: null }, null)).toMatchObject({ power: 'removed' });
  expect(buildSpec({ ...row, firstPort: null }, opened)).toBeNull();
  expect(() => buildSpec(row, null)).toThrow(row.ref);
});
