#!/bin/sh
# Temporal's server takes its password from the environment only; this reads it from the file, so that no environment
# in `docker inspect` shows it.
set -eu
POSTGRES_PWD=$(cat /run/secrets/temporal_password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
