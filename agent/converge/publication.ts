/** The publication people add tables to for Realtime. Its tables are theirs; only its being there and its owner are ours. */
export const publicationSql = `
do $do$ begin
  if not exists (select from pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
    alter publication supabase_realtime owner to postgres;
  end if;
end $do$;
`;
