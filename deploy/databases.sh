#!/bin/sh
# Runs databases.sql as PostgreSQL's administrator. psql itself reads PGHOST and PGUSER.
set -eu
SECRETS=${SECRETS:-/run/secrets}
for name in postgres_password temporal_password \
  ledger_owner_password ledger_worker_password ledger_serve_password ledger_reader_password; do
  # psql would continue with an empty password.
  [ -s "$SECRETS/$name" ] || { echo "$SECRETS/$name is missing or empty; run deploy/make-secrets.sh" >&2; exit 1; }
done
PGPASSWORD=$(cat "$SECRETS/postgres_password")
export SECRETS PGPASSWORD
exec psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres --file="$(dirname "$0")/databases.sql"
