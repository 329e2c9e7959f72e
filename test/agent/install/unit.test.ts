import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unit } from '../../../agent/install/unit.ts';

const options = {
  node: process.execPath,
  program: '/opt/supafleet/agent/main.js',
  dataDir: '/var/lib/supafleet',
  runtime: 'compose' as const,
  environment: { HOME: '/root' },
};

const lines = (text: string, key: string) => text.split('\n').filter((line) => line.startsWith(`${key}=`));

test('a service that is started again, except where another start would end the same way', () => {
  const text = unit(options);
  expect(lines(text, 'ExecStart')).toEqual([
    `ExecStart=${process.execPath} --max-semi-space-size=1 --optimize-for-size /opt/supafleet/agent/main.js run --data-dir /var/lib/supafleet`,
  ]);
  expect(lines(text, 'Restart')).toEqual(['Restart=always']);
  expect(lines(text, 'RestartPreventExitStatus')).toEqual(['RestartPreventExitStatus=3 4 5']);
  expect(lines(text, 'Environment')).toEqual(['Environment=HOME=/root', 'Environment=MALLOC_ARENA_MAX=1']);
});

test('a path with blanks, quotes, variables or specifiers is that path and nothing else', () => {
  const text = unit({ ...options, dataDir: '/srv/my "data" $HOME %h', environment: {} });
  expect(lines(text, 'ExecStart')[0]).toContain(' run --data-dir "/srv/my \\"data\\" $$HOME %%h"');
  expect(lines(text, 'ReadWritePaths')).toEqual(['ReadWritePaths="/srv/my \\"data\\" $HOME %%h"']);
  expect(() => unit({ ...options, dataDir: '/srv/a\nExecStartPre=/bin/sh' })).toThrow('cannot stand in a systemd unit');
});

const analyze = '/usr/bin/systemd-analyze';
test.skipIf(!existsSync(analyze)).each(['compose', 'embedded'] as const)(
  'systemd knows every line of the unit for %s',
  async (runtime) => {
    const directory = await mkdtemp(join(tmpdir(), 'sf-unit-'));
    try {
      const file = join(directory, 'supafleet-agent.service');
      await writeFile(file, unit({ ...options, runtime, program: process.execPath }));
      const { stdout, stderr } = spawnSync(analyze, ['verify', '--man=no', file], { encoding: 'utf8' });
      const about = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('supafleet-agent'));
      expect(about).toEqual([]);
    } finally {
      await rm(directory, { recursive: true });
    }
  },
);
