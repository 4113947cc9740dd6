#!/bin/sh
# Creates Plumbline's namespace, or sets its retention. Idempotent. The `temporal` command reads TEMPORAL_ADDRESS
# itself; it does not read the namespace for commands about namespaces.
set -eu

attempt=1
until temporal operator cluster health; do
  [ "$attempt" -lt 30 ] || { echo "Temporal at $TEMPORAL_ADDRESS does not become healthy" >&2; exit 1; }
  attempt=$((attempt + 1))
  sleep 2
done

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1; then
  temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION" \
    --description 'Plumbline: reconciliation of trading accounts'
fi
