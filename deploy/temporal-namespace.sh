#!/bin/sh
# Makes Plumbline's namespace, or sets its retention; safe to repeat. TEMPORAL_ADDRESS is read by the `temporal` command
# itself; the namespace is not, for commands about namespaces.
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
