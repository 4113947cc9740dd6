#!/bin/sh
# Creates or updates Temporal's tables in both of its databases. Idempotent. databases.sql creates the databases
# themselves, so that Temporal's role needs no right to create any.
set -eu
SQL_PASSWORD=$(cat "${SECRETS:-/run/secrets}/temporal_password")
# The variable names that temporal-sql-tool reads for --plugin and --password.
export SQL_PASSWORD SQL_PLUGIN=postgres12
schema=${TEMPORAL_SCHEMA:-/etc/temporal/schema}/postgresql/v12

prepare() {
  # Version 0.0 is the empty schema with its version table; later calls change nothing.
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-dir "$schema/$2/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
