import { isDecimal } from '../domain/decimal/decimal.js';
import type { DriftRule, IgnoreRules, Policy } from '../domain/policy/policy.js';

/** A field of a policy as the file has it: `ignore.symbols`, and its value on one line. */
export interface FieldInYaml {
  field: string;
  value: string;
}

type Plain = string | number | boolean | readonly Plain[] | { readonly [name: string]: Plain | undefined } | undefined;

/** The name of each part of a policy in the file, and its value there. Undefined: not in the file. */
const FIELDS: { [Name in keyof Required<Policy>]: (policy: Policy) => Record<string, Plain> } = {
  intervalMinutes: ({ intervalMinutes }) => ({ interval_minutes: intervalMinutes }),
  failureThreshold: ({ failureThreshold }) => ({ failure_threshold: failureThreshold }),
  confirmations: ({ confirmations }) => ({ confirmations }),
  settleSeconds: ({ settleSeconds }) => ({ confirm_interval_seconds: settleSeconds }),
  graceSeconds: ({ graceSeconds }) => ({ grace_seconds: graceSeconds }),
  maxLooks: ({ maxLooks }) => ({ max_observations: maxLooks }),
  maxInternalAgeSeconds: ({ maxInternalAgeSeconds }) => ({ max_internal_age_seconds: maxInternalAgeSeconds }),
  retrySeconds: ({ retrySeconds }) => ({ retry_seconds: retrySeconds }),
  tolerance: ({ tolerance }) => ({ tolerance: mapped(tolerance, toleranceInYaml) }),
  compareBalances: ({ compareBalances }) => ({ compare_balances: compareBalances }),
  atLeast: ({ atLeast }) => ({ at_least: atLeast ?? [] }),
  ignore: ({ ignore }) => ignoreInYaml(ignore),
  baseline: ({ baseline }) => ({
    'baseline.positions': baseline && mapped(baseline.positions),
    'baseline.balances': baseline && mapped(baseline.balances),
  }),
  drift: ({ drift }) => ({ drift: drift?.map(ruleInYaml) }),
  interveneOn: ({ interveneOn }) => ({ intervene_on: interveneOn }),
  interveneOnNotCompared: ({ interveneOnNotCompared }) => ({
    intervene_on_not_compared: interveneOnNotCompared ?? [],
  }),
  unsettledThreshold: ({ unsettledThreshold }) => ({ unconfirmed_threshold: unsettledThreshold }),
  reminderMinutes: ({ reminderMinutes }) => ({ reminder_minutes: reminderMinutes }),
  gateMaxAgeMinutes: ({ gateMaxAgeMinutes }) => ({ gate_max_age_minutes: gateMaxAgeMinutes }),
  escalation: ({ escalation }) => ({
    escalation: escalation?.map(({ afterMinutes, channels }) => ({ after: `${afterMinutes}m`, channels })),
  }),
  notifyChannels: ({ notifyChannels }) => ({ notify: notifyChannels }),
  quietHours: ({ quietHours }) => ({
    quiet_hours: quietHours && { from: quietHours.from, to: quietHours.to, time_zone: quietHours.timeZone },
  }),
  snoozeMaxHours: ({ snoozeMaxHours }) => ({ snooze_max_hours: snoozeMaxHours }),
};

/** Shown for a field that the file does not have. */
const NOT_SET = '(not set)';

/** One changed field of a policy, as the file has it. */
export interface ChangeInYaml {
  field: string;
  before: string;
  after: string;
}

/** The fields in which two policies differ, in the order of the file's documentation. Takes a policy of any version. */
export function changesInYaml(before: Policy, after: Policy): ChangeInYaml[] {
  return Object.values(FIELDS).flatMap((fieldsOf) => {
    const [was, is] = [fieldsOf(before), fieldsOf(after)];
    return Object.keys({ ...was, ...is }).flatMap((field): ChangeInYaml[] => {
      const [then, now] = [shown(was[field]), shown(is[field])];
      return then === now ? [] : [{ field, before: then, after: now }];
    });
  });
}

function shown(value: Plain): string {
  return value === undefined ? NOT_SET : flow(value);
}

/** A value as YAML on one line, with quotes only where they are needed. */
export function flow(value: Exclude<Plain, undefined>): string {
  if (typeof value === 'string') return isPlain(value) ? value : JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(shown).join(', ')}]`;
  const set = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${set.map(([name, item]) => `${flow(name)}: ${shown(item)}`).join(', ')}}`;
}

function isList(value: object): value is readonly Plain[] {
  return Array.isArray(value);
}

/** Whether a text needs no quotes: names, symbols and numbers. */
function isPlain(text: string): boolean {
  return isDecimal(text) || (/^[A-Za-z0-9_][\w./:%+-]*$/.test(text) && !text.endsWith(':'));
}

/** Sorted, because the order of a map has no meaning. */
function mapped(record: Readonly<Record<string, string>>, value: (text: string) => Plain = (text) => text): Plain {
  const entries = Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, text]) => [name, value(text)]));
}

function toleranceInYaml(text: string): Plain {
  const [amount, percent] = text.split('+');
  return percent?.endsWith('%') === true ? { amount, percent: percent.slice(0, -1) } : text;
}

function ignoreInYaml(ignore: IgnoreRules): Record<string, Plain> {
  return {
    'ignore.symbols': ignore.symbols,
    'ignore.client_order_id_prefixes': ignore.clientOrderIdPrefixes,
    'ignore.only_client_order_id_prefixes': ignore.onlyClientOrderIdPrefixes ?? [],
    'ignore.orders_without_client_id': ignore.ordersWithoutClientId ?? false,
    'ignore.types': ignore.types,
  };
}

function ruleInYaml({ types, symbols, notionalAtLeast, notionalBelow, action, closeGate }: DriftRule): Plain {
  return {
    types,
    symbols,
    notional_at_least: notionalAtLeast,
    notional_below: notionalBelow,
    action,
    close_gate: closeGate,
  };
}
