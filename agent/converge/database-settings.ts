/** Settings of the database that functions read: how long an access token lives. The signing secret is never put there. */
export function databaseSettingsSql(settings: { jwtExpirySeconds: number }): string {
  if (!Number.isSafeInteger(settings.jwtExpirySeconds) || settings.jwtExpirySeconds <= 0) {
    throw new RangeError('jwtExpirySeconds must be a positive whole number');
  }
  return `
do $do$ begin
  execute format('alter database %I set "app.settings.jwt_exp" to %L', current_database(), '${settings.jwtExpirySeconds}');
end $do$;
`;
}
