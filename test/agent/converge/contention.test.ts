import { expect, test } from 'vitest';
import { isContention } from '../../../agent/converge/contention.ts';
import { RuntimeFailure } from '../../../agent/runtime-failure.ts';

const failing = (message: string, code?: string) => Object.assign(new Error(message), { code });

test.each([
  ['a deadlock', failing('deadlock detected', '40P01'), true],
  ['two updates of one row of the catalog', failing('tuple concurrently updated', 'XX000'), true],
  ['a table that somebody made just now', failing('relation "buckets" already exists', '42P07'), true],
  ['one of those, as a step reports it', new RuntimeFailure('step', { cause: failing('…', '40P01') }), true],
  ['a lock that was waited for in vain', failing('canceling statement due to lock timeout', '55P03'), false],
  ['a missing right', failing('permission denied for schema auth', '42501'), false],
  ['another internal error', failing('could not open relation', 'XX000'), false],
  ['a connection that ended', failing('connection lost'), false],
  ['what is no error', 'tuple concurrently updated', false],
])('%s', (_, error, again) => {
  expect(isContention(error)).toBe(again);
});
