#!/bin/sh
# Runs databases.sql as PostgreSQL's administrator.
set -eu
PGPASSWORD=$(cat /run/secrets/postgres_password)
export PGPASSWORD
exec psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres --file="$(dirname "$0")/databases.sql"
