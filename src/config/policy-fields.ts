import { defaultGateMaxAgeMinutes, type Policy } from '../domain/policy/policy.js';
import type { ReconciliationFields } from './reconciliation-schema.js';

/** Merges an account's fields over the defaults of all accounts. Tolerances and ignore rules are merged by key. */
export function mergedFields(
  defaults: ReconciliationFields | undefined,
  account: ReconciliationFields | undefined,
): ReconciliationFields {
  const merged: ReconciliationFields = { ...defaults, ...account };
  if (defaults?.tolerance !== undefined) merged.tolerance = { ...defaults.tolerance, ...account?.tolerance };
  if (defaults?.aliases !== undefined) {
    merged.aliases = {
      symbols: { ...defaults.aliases.symbols, ...account?.aliases?.symbols },
      currencies: { ...defaults.aliases.currencies, ...account?.aliases?.currencies },
    };
  }
  // The first matching rule decides, so an account's own rules come first.
  const drift = [...(account?.drift ?? []), ...(defaults?.drift ?? [])];
  if (drift.length > 0) merged.drift = drift;
  if (defaults?.ignore !== undefined) merged.ignore = { ...defaults.ignore, ...account?.ignore };
  return merged;
}

/** The policy from the fields; `base` fills in fields that are not set. */
export function policyOf(fields: ReconciliationFields, base: Policy): Policy {
  const { ignore, baseline } = fields;
  const only = ignore?.only_client_order_id_prefixes ?? base.ignore.onlyClientOrderIdPrefixes ?? [];
  const unnamed = ignore?.orders_without_client_id ?? base.ignore.ordersWithoutClientId ?? false;
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
    atLeast: [...(fields.at_least ?? base.atLeast ?? [])],
    ignore: {
      symbols: [...(ignore?.symbols ?? base.ignore.symbols)],
      clientOrderIdPrefixes: [...(ignore?.client_order_id_prefixes ?? base.ignore.clientOrderIdPrefixes)],
      ...(only.length === 0 ? {} : { onlyClientOrderIdPrefixes: [...only] }),
      ...(unnamed ? { ordersWithoutClientId: true } : {}),
      types: [...(ignore?.types ?? base.ignore.types)],
    },
    // Fields that were added later are left out if they have no effect, so that policies of earlier versions stay
    // equal.
    ...(baseline === undefined
      ? {}
      : { baseline: { positions: { ...baseline.positions }, balances: { ...baseline.balances } } }),
    ...driftOf(fields.drift ?? base.drift),
    interveneOn: [...(fields.intervene_on ?? base.interveneOn)],
    interveneOnNotCompared: [...(fields.intervene_on_not_compared ?? base.interveneOnNotCompared ?? [])],
    unsettledThreshold: fields.unconfirmed_threshold ?? base.unsettledThreshold,
    reminderMinutes: [...(fields.reminder_minutes ?? base.reminderMinutes)],
    gateMaxAgeMinutes: fields.gate_max_age_minutes ?? defaultGateMaxAgeMinutes(intervalMinutes),
    ...ladderOf(fields, base),
  };
}

/** The fields of the ladder that are set. */
function ladderOf(
  { escalation, notify, quiet_hours: quiet, snooze_max_hours: hours }: ReconciliationFields,
  base: Policy,
): Pick<Policy, 'escalation' | 'notifyChannels' | 'quietHours' | 'snoozeMaxHours'> {
  const rungs = escalation?.map(({ after, channels }) => ({ afterMinutes: after, channels })) ?? base.escalation;
  const notifyChannels = notify ?? base.notifyChannels;
  const quietHours =
    quiet === undefined ? base.quietHours : { from: quiet.from, to: quiet.to, timeZone: quiet.time_zone };
  const snoozeMaxHours = hours ?? base.snoozeMaxHours;
  return {
    ...(rungs === undefined ? {} : { escalation: rungs.map((rung) => ({ ...rung, channels: [...rung.channels] })) }),
    ...(notifyChannels === undefined ? {} : { notifyChannels: [...notifyChannels] }),
    ...(quietHours === undefined ? {} : { quietHours: { ...quietHours } }),
    ...(snoozeMaxHours === undefined ? {} : { snoozeMaxHours }),
  };
}

function driftOf(drift: Policy['drift']): Pick<Policy, 'drift'> {
  return drift === undefined ? {} : { drift: drift.map((rule) => ({ ...rule })) };
}
