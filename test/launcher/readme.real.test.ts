import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInstallation, type Installation } from '../support/installation.ts';
import { walkthrough } from './walkthrough.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

describe('the README', () => {
  let installation: Installation;
  let workingDirectory: string;

  beforeAll(async () => {
    installation = await createInstallation();
    await installation.start();
    workingDirectory = await mkdtemp(join(root, '.walkthrough-'));
    await symlink(installation.dataDir, join(workingDirectory, '.data'));
  });

  afterAll(async () => {
    await installation.remove();
    await rm(workingDirectory, { recursive: true, force: true });
  });

  test('its curl walkthrough creates a project and reads a row through the data API, in at most 15 lines', async (context) => {
    if (!(await has('jq')) || !(await has('curl'))) context.skip('jq or curl is not installed here');
    const script = await walkthrough('curl');
    expect(script.trim().split('\n').length).toBeLessThanOrEqual(15);
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: workingDirectory });
    expect(stdout.trim()).toMatch(/\[\{"body":"hello"\}\]$/);
  });

  test('its client walkthrough runs as it stands', async () => {
    const script = await walkthrough('client');
    expect(script.trim().split('\n').length).toBeLessThanOrEqual(15);
    const file = join(workingDirectory, 'walkthrough.ts');
    await writeFile(file, script);
    const { stdout } = await run(process.execPath, [file], { cwd: workingDirectory });
    expect(stdout).toMatch(/^[a-z]{20} COMING_UP 1\n$/);
  });
});

async function has(program: string): Promise<boolean> {
  return run('which', [program]).then(
    () => true,
    () => false,
  );
}
