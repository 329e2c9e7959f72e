/**
 * What the pooler evaluates before it serves: its one tenant, made anew from the environment at every start, so that
 * another password or pool size counts. Elixir; upstream's own script makes the tenant once and never looks again.
 */
export const poolerTenant = `# Written by supafleet-agent. The pooler's tenant, made anew at every start.
{:ok, _} = Application.ensure_all_started(:supavisor)

server_version =
  with {:ok, %{rows: [[text]]}} <- Supavisor.Repo.query("select version()"),
       {:ok, version} <- Supavisor.Helpers.parse_pg_version(text) do
    version
  else
    _ -> raise "the database does not tell its version"
  end

tenant = System.fetch_env!("POOLER_TENANT_ID")
pool_size = String.to_integer(System.fetch_env!("POOLER_DEFAULT_POOL_SIZE"))

Supavisor.Tenants.delete_tenant_by_external_id(tenant)

{:ok, _} =
  Supavisor.Tenants.create_tenant(%{
    "external_id" => tenant,
    "db_host" => System.fetch_env!("POSTGRES_HOST"),
    "db_port" => String.to_integer(System.fetch_env!("POSTGRES_PORT")),
    "db_database" => System.fetch_env!("POSTGRES_DB"),
    "require_user" => false,
    "auth_query" => "SELECT * FROM pgbouncer.get_auth($1)",
    "default_max_clients" => String.to_integer(System.fetch_env!("POOLER_MAX_CLIENT_CONN")),
    "default_pool_size" => pool_size,
    "default_parameter_status" => %{"server_version" => server_version},
    "users" => [
      %{
        "db_user" => "pgbouncer",
        "db_password" => System.fetch_env!("POSTGRES_PASSWORD"),
        "mode_type" => System.fetch_env!("POOLER_POOL_MODE"),
        "pool_size" => pool_size,
        "is_manager" => true
      }
    ]
  })
`;
