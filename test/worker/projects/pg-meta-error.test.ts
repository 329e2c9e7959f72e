import { expect, test } from 'vitest';
import { pgMetaError } from '../../../worker/projects/pg-meta-error.ts';

const answer = (status: number, body: unknown) => ({
  status,
  headers: new Headers(),
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

test.each([
  [
    "Postgres's own error",
    400,
    { code: '42601', message: 'syntax', formattedError: 'ERROR:  42601: syntax\n' },
    'invalid_input',
  ],
  [
    'a statement ended by its limit',
    400,
    { code: '57014', message: 'canceling', formattedError: 'x' },
    'invalid_input',
  ],
  ['a listing that failed', 500, { error: 'permission denied' }, 'invalid_input'],
  [
    'a database that is down',
    400,
    { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1' },
    'project_unreachable',
  ],
  [
    'a database that starts up',
    400,
    { code: '57P03', message: 'the database system is starting up' },
    'project_unreachable',
  ],
  ['too many sessions', 503, { code: '53300', message: 'sorry, too many clients already' }, 'overloaded'],
  ['a query nobody waits for any more', 408, { message: 'Query read timeout' }, 'project_timeout'],
  ['a database that does not take connections', 504, { message: 'Connection terminated' }, 'project_timeout'],
  ['a gateway without postgres-meta', 503, { message: 'The pg_meta service is not reachable' }, 'project_unreachable'],
  ['a gateway that does not know the key', 401, { message: 'Invalid API key' }, 'project_unreachable'],
  ['a gateway that knows no such path', 404, { message: 'no Route matched' }, 'project_unreachable'],
  ['something else that listens there', 500, '<html>nginx</html>', 'project_unreachable'],
  ['nothing at all', 500, '', 'project_unreachable'],
])('%s', (_, status, body, code) => {
  expect(pgMetaError(answer(status, body)).code).toBe(code);
});

test('only what Postgres itself said reaches the caller', () => {
  expect(pgMetaError(answer(400, { code: 'ECONNREFUSED', message: 'connect 10.0.0.7:5432' })).message).not.toContain(
    '10.0',
  );
  expect(pgMetaError(answer(401, { message: 'Invalid API key abc' })).message).not.toContain('abc');
  expect(
    pgMetaError(answer(400, { code: '42P01', position: '15', message: 'm', formattedError: 'ERROR:  42P01: m\n' })),
  ).toMatchObject({
    message: 'Failed to run sql query: ERROR:  42P01: m',
    body: { code: '42P01', position: '15', formattedError: 'ERROR:  42P01: m\n', error: 'ERROR:  42P01: m' },
  });
});
