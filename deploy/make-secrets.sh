#!/bin/sh
# Creates the passwords of the databases, once: existing ones are kept. Run it before the first `docker compose up`.
#
# Only the folder's owner can enter it. The files in it are readable by all, because containers that run as other users
# read them through a bind mount of the file itself, which does not pass through the folder.
set -eu
umask 077

here=$(cd "$(dirname "$0")" && pwd)
secrets=${PLUMBLINE_SECRETS:-$here/secrets}

mkdir -p "$secrets/worker"
chmod 700 "$secrets"
# This folder is mounted as a whole. Put the keys of exchanges and the tokens of bots here, one per file, mode 444.
chmod 755 "$secrets/worker"

password() {
  file=$secrets/$1
  if [ ! -s "$file" ]; then
    # Hexadecimal: needs no quoting in a URL, in YAML or in SQL.
    head -c 32 /dev/urandom | od -A n -t x1 | tr -d ' \n' > "$file"
    echo "made $file"
  fi
  chmod 444 "$file"
}

ledger_url() {
  file=$secrets/ledger_$1_url
  rm -f "$file"
  printf 'postgres://plumbline_%s:%s@postgres:5432/plumbline' "$1" "$(cat "$secrets/ledger_$1_password")" > "$file"
  chmod 444 "$file"
}

password postgres_password
password temporal_password
for role in owner worker reader; do
  password "ledger_${role}_password"
  ledger_url "$role"
done
echo "the secrets are in $secrets"
