/** [name, result, body, comment]. Claims come one by one from older clients and as one document from current ones. */
const functions: [name: string, result: string, body: string, comment?: string][] = [
  ['uid', 'uuid', `${claim('sub')}::uuid`, "Deprecated. Use auth.jwt() -> 'sub' instead."],
  ['role', 'text', claim('role'), "Deprecated. Use auth.jwt() -> 'role' instead."],
  ['email', 'text', claim('email'), "Deprecated. Use auth.jwt() -> 'email' instead."],
  ['jwt', 'jsonb', `coalesce(${setting('request.jwt.claim')}, ${setting('request.jwt.claims')})::jsonb`],
];

/** Their signatures. */
export const authFunctions = functions.map(([name]) => `auth.${name}()`);

/** What policies ask about the request: `all` puts every one back to this text, `missing` leaves those that exist. */
export function authFunctionsSql(which: 'all' | 'missing'): string {
  const statements = functions.map(([name, result, body, comment]) => {
    const create = `create or replace function auth.${name}() returns ${result} language sql stable as $fn$ select ${body} $fn$;`;
    const explain = comment === undefined ? '' : `comment on function auth.${name}() is $c$${comment}$c$;`;
    const grant = `grant execute on function auth.${name}() to postgres, dashboard_user;`;
    if (which === 'all') return [create, explain, grant].join('\n');
    return `do $do$ begin if to_regprocedure('auth.${name}()') is null then\n${create}\n${explain}\n${grant}\nend if; end $do$;`;
  });
  return statements.join('\n');
}

function claim(name: string): string {
  return `coalesce(${setting(`request.jwt.claim.${name}`)}, ${setting('request.jwt.claims')}::jsonb ->> '${name}')`;
}

function setting(name: string): string {
  return `nullif(current_setting('${name}', true), '')`;
}
