/**
 * The GraphQL entry point. On a database without pg_graphql it answers, in GraphQL's own shape, that the extension is not
 * enabled; where the extension is, upstream's event triggers have put the real one there and it stays.
 */
export const graphqlSql = `
do $do$ begin
  if to_regprocedure('graphql_public.graphql(text, text, jsonb, jsonb)') is null then
    create function graphql_public.graphql(
      "operationName" text default null, query text default null, variables jsonb default null, extensions jsonb default null
    ) returns jsonb language sql stable set search_path = '' as $fn$
      select '{"errors": [{"message": "pg_graphql extension is not enabled."}]}'::jsonb
    $fn$;
  end if;
end $do$;
`;
