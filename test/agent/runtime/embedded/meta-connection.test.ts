import { describe, expect, it } from 'vitest';
import { isProjectConnection, metaConnectionString } from '../../../../agent/runtime/embedded/meta-connection.ts';

const good = metaConnectionString({ dbPassword: 'f00d', port: 5433, queryTimeoutMs: 55_000 });

describe('postgres-meta connects', () => {
  it.each(['f00d', 'a@b/c:d?#%&[]', "it's (*) ~!", 'ä ö'])('as postgres with the password %j', (dbPassword) => {
    expect(isProjectConnection(metaConnectionString({ dbPassword, port: 5433, queryTimeoutMs: 55_000 }))).toBe(true);
  });

  it.each([
    ['over a socket by a parameter', `${good}&host=/run/x`],
    ['over a socket by a parameter before the others', good.replace('?', '?host=/run/x&')],
    ['over a socket in place of the host', good.replace('127.0.0.1', '%2Frun%2Fx')],
    ['over a socket by its own scheme', 'socket:/run/x?db=postgres&user=supabase_admin'],
    ['as the superuser', good.replace('//postgres:', '//supabase_admin:')],
    ['as the superuser by a parameter', `${good}&user=supabase_admin`],
    ['as the superuser behind a second @', good.replace('//postgres:', '//supabase_admin@postgres:')],
    ['as nobody in particular', good.replace('postgres:f00d@', '')],
    ['without a password', good.replace(':f00d@', ':@')],
    ['to another machine', good.replace('127.0.0.1', '10.0.0.1')],
    ['to another machine by a parameter', `${good}&hostaddr=10.0.0.1`],
    ['with settings of its own', `${good}&options=-c%20role%3Dsupabase_admin`],
    ['without a limit on its statements', good.replace(/&statement_timeout=\d+/, '')],
    ['by a path', '/run/x postgres'],
    ['in a second line', `${good}\n${good}`],
    ['with a line break behind', `${good}\n`],
    ['with a space before', ` ${good}`],
    ['to nothing', ''],
  ])('never %s', (_name, text) => {
    expect(isProjectConnection(text)).toBe(false);
  });
});
