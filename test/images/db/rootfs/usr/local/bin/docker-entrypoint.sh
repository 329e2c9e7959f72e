#!/usr/bin/env bash
# Starts Postgres as upstream's image does: the first start makes the cluster and runs /docker-entrypoint-initdb.d over
# the Unix socket only, so whoever can connect by TCP finds it complete. Unlike upstream's, a first start that was cut
# short is begun again: all of it happens below $PGDATA/.first-boot, which is gone when everything is in its place.
set -Eeuo pipefail

export PGDATA=${PGDATA:-/var/lib/postgresql/data}
first_boot=$PGDATA/.first-boot
socket=/var/run/postgresql
superuser=supabase_admin
server=

run_as_postgres() {
  mkdir -p "$PGDATA" "$socket" /etc/postgresql-custom
  chmod 0750 "$PGDATA"
  find "$PGDATA" /etc/postgresql-custom "$socket" \! -user postgres -exec chown -h postgres:postgres '{}' +
  exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$BASH_SOURCE" "$@"
}

start_over() {
  find "$PGDATA" -mindepth 1 -maxdepth 1 \! -name .first-boot -exec rm -rf '{}' +
  rm -rf "$first_boot"
}

end_server() {
  if [ -n "$server" ]; then
    kill -INT "$server" && wait "$server" || true
  fi
}

make_cluster() {
  if [ -z "${POSTGRES_PASSWORD:-}" ]; then
    echo "POSTGRES_PASSWORD is missing: the superuser $superuser needs one for the first start" >&2
    exit 1
  fi
  trap 'end_server; exit 143' TERM INT
  mkdir "$first_boot"
  # the root key of Vault, where upstream's image makes it
  (umask 077 && [ -s /etc/postgresql-custom/pgsodium_root.key ] || head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >/etc/postgresql-custom/pgsodium_root.key)
  initdb --pgdata="$first_boot/cluster" --username="$superuser" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US --allow-group-access --no-sync \
    >"$first_boot/initdb.log" || { cat "$first_boot/initdb.log" >&2; exit 1; }

  # a killed container loses nothing of what was not synced, and only a whole first start counts
  "$@" -c fsync=off -c data_directory="$first_boot/cluster" -c listen_addresses= -c unix_socket_directories="$socket" &
  server=$!
  export PGPASSWORD=$POSTGRES_PASSWORD
  until sql postgres -c 'select 1' >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { echo 'The server of the first start ended' >&2; exit 1; }
    sleep 0.1
  done
  if [ "${POSTGRES_DB:-postgres}" != postgres ]; then
    sql postgres -v name="$POSTGRES_DB" <<<'create database :"name"'
  fi
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) echo "running $file"; "$BASH" "$file" ;;
      *.sql) echo "running $file"; sql "${POSTGRES_DB:-postgres}" -f "$file" ;;
    esac
  done
  end_server
  trap - TERM INT

  mv "$first_boot"/cluster/* "$PGDATA"
  rm -rf "$first_boot"
  echo 'first start complete'
}

sql() {
  psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --quiet --host="$socket" --username="$superuser" --dbname="$@"
}

if [ "${1:-}" != postgres ]; then exec "$@"; fi
if [ "$(id -u)" = 0 ]; then run_as_postgres "$@"; fi
if [ -e "$first_boot" ]; then
  echo 'the first start was cut short: beginning again' >&2
  start_over
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then make_cluster "$@"; fi
exec "$@"
