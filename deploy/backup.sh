#!/bin/sh
# Copies the whole PostgreSQL server into one compressed file: the ledger and Temporal at the same instant, so that they
# are consistent after a restore. Causes no downtime. How to restore it: docs/deploying.md.
set -eu
umask 077
[ $# -eq 1 ] || { echo "usage: $0 FILE.tar.gz" >&2; exit 64; }
case $1 in /*) file=$1 ;; *) file=$PWD/$1 ;; esac
cd "$(dirname "$0")/.."

# Written under another name first, so that a file with the final name is a complete backup.
trap 'rm -f "$file.part"' EXIT
# The container's shell expands it, because the password is there.
# shellcheck disable=SC2016
docker compose exec -T postgres sh -c '
  PGPASSWORD=$(cat /run/secrets/postgres_password) exec pg_basebackup --host=127.0.0.1 --username=postgres --no-password \
    --pgdata=- --format=tar --wal-method=fetch --checkpoint=fast --compress=client-gzip' > "$file.part"
gzip --test "$file.part"
mv "$file.part" "$file"
echo "backed up to $file"
