#!/bin/sh
# Makes or updates Temporal's tables in both of its databases; safe to repeat. The databases themselves are made by
# databases.sql, so that Temporal's role need not be able to create any.
set -eu
SQL_PASSWORD=$(cat "${SECRETS:-/run/secrets}/temporal_password")
# The same names that temporal-sql-tool reads for --plugin and --password.
export SQL_PASSWORD SQL_PLUGIN=postgres12
schema=${TEMPORAL_SCHEMA:-/etc/temporal/schema}/postgresql/v12

prepare() {
  # Version 0.0 is the empty schema with its version table; later calls leave what they find.
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-dir "$schema/$2/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
