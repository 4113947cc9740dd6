#!/bin/sh
# Makes Plumbline's namespace, or sets its retention; safe to repeat. TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE are read by
# the `temporal` command itself.
set -eu

attempt=1
until temporal operator cluster health; do
  [ "$attempt" -lt 30 ] || { echo "Temporal at $TEMPORAL_ADDRESS does not become healthy" >&2; exit 1; }
  attempt=$((attempt + 1))
  sleep 2
done

if temporal operator namespace describe > /dev/null 2>&1; then
  temporal operator namespace update --retention "$RETENTION"
else
  temporal operator namespace create --retention "$RETENTION" --description 'Plumbline: reconciliation of trading accounts'
fi
