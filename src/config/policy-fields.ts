import { defaultGateMaxAgeMinutes, type Policy } from '../domain/policy/policy.js';
import type { ReconciliationFields } from './config-schema.js';

/** Merges an account's fields over the defaults of all accounts. Tolerances and ignore rules are merged by key. */
export function mergedFields(
  defaults: ReconciliationFields | undefined,
  account: ReconciliationFields | undefined,
): ReconciliationFields {
  const merged: ReconciliationFields = { ...defaults, ...account };
  if (defaults?.tolerance !== undefined) merged.tolerance = { ...defaults.tolerance, ...account?.tolerance };
  if (defaults?.ignore !== undefined) merged.ignore = { ...defaults.ignore, ...account?.ignore };
  return merged;
}

/** The policy from the fields; `base` fills in fields that are not set. */
export function policyOf(fields: ReconciliationFields, base: Policy): Policy {
  const intervalMinutes = fields.interval_minutes ?? base.intervalMinutes;
  return {
    intervalMinutes,
    failureThreshold: fields.failure_threshold ?? base.failureThreshold,
    confirmations: fields.confirmations ?? base.confirmations,
    settleSeconds: fields.confirm_interval_seconds ?? base.settleSeconds,
    graceSeconds: fields.grace_seconds ?? base.graceSeconds,
    maxLooks: fields.max_observations ?? base.maxLooks,
    maxInternalAgeSeconds: fields.max_internal_age_seconds ?? base.maxInternalAgeSeconds,
    retrySeconds: fields.retry_seconds ?? base.retrySeconds,
    tolerance: { ...(fields.tolerance ?? base.tolerance) },
    compareBalances: fields.compare_balances ?? base.compareBalances,
    ignore: {
      symbols: [...(fields.ignore?.symbols ?? base.ignore.symbols)],
      clientOrderIdPrefixes: [...(fields.ignore?.client_order_id_prefixes ?? base.ignore.clientOrderIdPrefixes)],
      types: [...(fields.ignore?.types ?? base.ignore.types)],
    },
    interveneOn: [...(fields.intervene_on ?? base.interveneOn)],
    unsettledThreshold: fields.unconfirmed_threshold ?? base.unsettledThreshold,
    reminderMinutes: [...(fields.reminder_minutes ?? base.reminderMinutes)],
    gateMaxAgeMinutes: fields.gate_max_age_minutes ?? defaultGateMaxAgeMinutes(intervalMinutes),
  };
}
