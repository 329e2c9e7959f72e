import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lastFatal, lengthOf } from '../../../../agent/runtime/embedded/last-fatal.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sf-log-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const head = '2026-11-21 07:04:44.821 UTC [12771] ';

it.each([
  ['the last reason', `${head}FATAL:  one\n${head}LOG:  between\n${head}PANIC:  two\n${head}LOG:  shut down\n`, 'two'],
  [
    'not what a client was told meanwhile',
    `${head}FATAL:  bad file\n${head}FATAL:  the database system is starting up\n`,
    'bad file',
  ],
  [
    'what it says before it has a log',
    'postgres: could not find the database system\nExpected it there\n',
    'could not find the database system',
  ],
  ['nothing when it was killed', `${head}LOG:  starting\n`, null],
])('of a start that failed, tells %s', async (_, text, reason) => {
  const file = join(directory, 'db.log');
  await writeFile(file, text);
  expect(await lastFatal(file, 0)).toBe(reason);
});

it('tells nothing of the starts before', async () => {
  const file = join(directory, 'db.log');
  await writeFile(file, `${head}FATAL:  yesterday\n`);
  const from = await lengthOf(file);
  expect(await lastFatal(file, from)).toBeNull();
  expect(await lastFatal(join(directory, 'none.log'), 0)).toBeNull();
  expect(await lengthOf(join(directory, 'none.log'))).toBe(0);
});
