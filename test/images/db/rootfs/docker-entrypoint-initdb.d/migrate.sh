#!/usr/bin/env bash
# The roles and schemas that upstream's image has after its first start, before a stack's own files run.
set -euo pipefail

for file in /docker-entrypoint-initdb.d/init-scripts/*.sql; do
  psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --quiet --host=/var/run/postgresql --username=supabase_admin \
    --dbname="${POSTGRES_DB:-postgres}" --file="$file"
done
