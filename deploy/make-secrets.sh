#!/bin/sh
# Creates the passwords of the databases and the tokens of the HTTP API, once: existing ones are kept. Run it before the first `docker compose up`.
#
# Only the folder's owner can enter it. The files in it are readable by all, because containers that run as other users
# read them through a bind mount of the file itself, which does not pass through the folder.
set -eu
umask 077

here=$(cd "$(dirname "$0")" && pwd)
secrets=${PLUMBLINE_SECRETS:-$here/secrets}

mkdir -p "$secrets/worker" "$secrets/telegram"
chmod 700 "$secrets"
# These folders are mounted as a whole. Put the keys of exchanges and the tokens of bots and channels into worker, one per
# file, mode 444; and the token of a Telegram bot into telegram, which serve reads, too.
chmod 755 "$secrets/worker" "$secrets/telegram"

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

sha256() {
  if command -v sha256sum > /dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# As `plumbline token new`: 256 bits, base64url. The containers get the hash only.
token() {
  file=$secrets/$1_token
  if [ ! -s "$file" ]; then
    printf 'plb_%s' "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')" > "$file"
    echo "made $file"
  fi
  rm -f "${file}_sha256"
  sha256 < "$file" > "${file}_sha256"
  chmod 444 "$file" "${file}_sha256"
}

password postgres_password
password temporal_password
for role in owner worker serve; do
  password "ledger_${role}_password"
  ledger_url "$role"
done
password ledger_reader_password
# Signs the one-time links in messages.
password link_secret
# Of a person who acts, of Prometheus, and of bots that ask for the trading gate.
token operator
token metrics
token gate
echo "the secrets are in $secrets"
