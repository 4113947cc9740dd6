#!/bin/sh
# Temporal's server reads its password only from the environment. This script reads it from the file, so that it does
# not appear in the environment that `docker inspect` shows.
set -eu
POSTGRES_PWD=$(cat /run/secrets/temporal_password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
