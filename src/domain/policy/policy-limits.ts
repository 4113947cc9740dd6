import { isDecimal, signOf } from '../decimal/decimal.js';
import { decimalExcess } from '../decimal/decimal-limits.js';
import { DISCREPANCY_TYPES } from '../difference/difference.js';
import { NOT_COMPARED_REASONS } from '../snapshot/snapshot.js';
import { LIMITS } from '../limits/limits.js';
import { driftProblem } from './drift-limits.js';
import { channelsProblem, escalationProblem, quietHoursProblem, SNOOZE_HOURS } from './ladder-limits.js';
import type { Policy } from './policy.js';
import { isMap } from '../text/is-map.js';

/** Smallest and largest value of each whole number in a policy. The configuration and the workflows both check them. */
export const POLICY_LIMITS = {
  intervalMinutes: [5, 1_440],
  failureThreshold: [1, 1_000],
  confirmations: [2, 20],
  settleSeconds: [1, 3_600],
  graceSeconds: [0, 3_600],
  maxLooks: [2, 100],
  maxInternalAgeSeconds: [1, 86_400],
  retrySeconds: [0, 3_600],
  unsettledThreshold: [1, 1_000],
  gateMaxAgeMinutes: [1, 100_000],
} as const satisfies Partial<Record<keyof Policy, readonly [min: number, max: number]>>;

/** Minutes between two reminders. */
export const REMINDER_MINUTES = [1, 10_080] as const;
/** How many reminders, rules of one kind, or tolerances a policy may list. */
export const MAX_LISTED = 1_000;
/** Characters of a policy as JSON. Bounded, because it passes through workflow history and arguments. */
const MAX_POLICY_LENGTH = LIMITS.policyLength.value;
/** Characters of a symbol, prefix or tolerance. */
export const MAX_RULE_LENGTH = 200;

const FIELDS: readonly (keyof Policy)[] = [
  ...(Object.keys(POLICY_LIMITS) as (keyof typeof POLICY_LIMITS)[]),
  'tolerance',
  'compareBalances',
  'atLeast',
  'ignore',
  'interveneOn',
  'interveneOnNotCompared',
  'reminderMinutes',
  'baseline',
  'drift',
  'escalation',
  'notifyChannels',
  'quietHours',
  'snoozeMaxHours',
];
const IGNORE_FIELDS = [
  'symbols',
  'clientOrderIdPrefixes',
  'types',
  'onlyClientOrderIdPrefixes',
  'ordersWithoutClientId',
];
const COMPARE_BALANCES: readonly unknown[] = [true, false, 'auto'];

/**
 * Why an outside value is not a valid policy, one line; null if it is valid. Synchronous and pure, because Temporal's
 * update validators call it inside a workflow.
 */
export function policyProblem(policy: unknown): string | null {
  if (!isMap(policy)) return `policy is ${shown(policy)}; it must be an object with ${FIELDS.join(', ')}`;
  const unknown = Object.keys(policy).find((name) => !(FIELDS as string[]).includes(name));
  if (unknown !== undefined) return `policy has the unknown field ${shown(unknown)}`;
  for (const [name, [min, max]] of Object.entries(POLICY_LIMITS)) {
    if (!isWhole(policy[name], min, max)) return wrongNumber(name, policy[name], min, max);
  }
  const { confirmations, maxLooks } = policy as unknown as Policy;
  if (confirmations > maxLooks) {
    return `confirmations (${confirmations}) is above maxLooks (${maxLooks}), so nothing could be confirmed`;
  }
  if (!COMPARE_BALANCES.includes(policy['compareBalances'])) {
    return wrong('compareBalances', policy, 'true, false or "auto"');
  }
  const length = JSON.stringify(policy).length;
  if (length > MAX_POLICY_LENGTH) {
    return `the policy has ${length} characters as JSON; at most ${MAX_POLICY_LENGTH} are taken`;
  }
  return (
    callRulesProblem(policy) ??
    typesProblem('interveneOn', policy['interveneOn']) ??
    reasonsProblem(policy['interveneOnNotCompared']) ??
    toleranceProblem(policy['tolerance']) ??
    atLeastProblem(policy['atLeast']) ??
    ignoreProblem(policy['ignore']) ??
    baselineProblem(policy['baseline']) ??
    driftRulesProblem(policy['drift'])
  );
}

/** A decimal that is not negative ("0.001"), a percentage ("0.5%"), or both, which add up ("0.001+0.5%"). */
export function isTolerance(text: string): boolean {
  const parts = text.split('+');
  const percentages = parts.filter((part) => part.endsWith('%')).length;
  const isOneOfEach = parts.length === 1 || (parts.length === 2 && percentages === 1);
  return isOneOfEach && parts.every(isAllowance);
}

function isAllowance(part: string): boolean {
  const number = part.endsWith('%') ? part.slice(0, -1) : part;
  return part.length <= MAX_NUMBER_LENGTH && isAmount(number) && signOf(number) >= 0;
}

/** Characters of a tolerance or of an amount of a baseline. */
const MAX_NUMBER_LENGTH = 40;

function isAmount(number: string): boolean {
  return number.length <= MAX_NUMBER_LENGTH && isDecimal(number) && decimalExcess(number) === null;
}

function remindersProblem(minutes: unknown): string | null {
  const [min, max] = REMINDER_MINUTES;
  if (Array.isArray(minutes) && minutes.length > 0 && minutes.length <= MAX_LISTED) {
    const bad: unknown = minutes.find((each) => !isWhole(each, min, max));
    return bad === undefined ? null : wrongNumber('reminderMinutes', bad, min, max);
  }
  return `reminderMinutes is ${shown(minutes)}; it must list 1 to ${MAX_LISTED} whole numbers of minutes`;
}

function typesProblem(name: string, types: unknown): string | null {
  const known: readonly unknown[] = DISCREPANCY_TYPES;
  if (Array.isArray(types) && types.length <= MAX_LISTED && types.every((type) => known.includes(type))) return null;
  return `${name} is ${shown(types)}; it must list discrepancy types`;
}

function reasonsProblem(reasons: unknown): string | null {
  // Policies from before this rule do not have it.
  if (reasons === undefined) return null;
  const known: readonly unknown[] = NOT_COMPARED_REASONS;
  if (Array.isArray(reasons) && reasons.length <= MAX_LISTED && reasons.every((reason) => known.includes(reason))) {
    return null;
  }
  return `interveneOnNotCompared is ${shown(reasons)}; it must list ${NOT_COMPARED_REASONS.join(', ')}`;
}

function toleranceProblem(tolerance: unknown): string | null {
  const isValid =
    isMap(tolerance) &&
    Object.keys(tolerance).length <= MAX_LISTED &&
    Object.entries(tolerance).every(
      ([symbol, text]) => isRuleText(symbol) && typeof text === 'string' && isTolerance(text),
    );
  return isValid
    ? null
    : `tolerance is ${shown(tolerance)}; it must map symbols to decimals ("0.001"), percentages ("0.5%"), or both ("0.001+0.5%")`;
}

function atLeastProblem(atLeast: unknown): string | null {
  // Policies from before this rule do not have it.
  if (atLeast === undefined) return null;
  if (Array.isArray(atLeast) && atLeast.length <= MAX_LISTED && atLeast.every(isRuleText)) return null;
  return `atLeast is ${shown(atLeast)}; it must list currencies, or "*" for all`;
}

function ignoreProblem(ignore: unknown): string | null {
  if (!isMap(ignore) || Object.keys(ignore).some((name) => !IGNORE_FIELDS.includes(name))) {
    return `ignore is ${shown(ignore)}; it must be an object with ${IGNORE_FIELDS.join(', ')}`;
  }
  const { ordersWithoutClientId } = ignore;
  if (ordersWithoutClientId !== undefined && typeof ordersWithoutClientId !== 'boolean') {
    return `ignore.ordersWithoutClientId is ${shown(ordersWithoutClientId)}; it must be true or false`;
  }
  for (const name of ['symbols', 'clientOrderIdPrefixes', 'onlyClientOrderIdPrefixes']) {
    const list = ignore[name];
    if (name === 'onlyClientOrderIdPrefixes' && list === undefined) continue;
    if (!Array.isArray(list) || list.length > MAX_LISTED || !list.every(isRuleText)) {
      return `ignore.${name} is ${shown(list)}; it must list texts of at most ${MAX_RULE_LENGTH} characters`;
    }
  }
  return typesProblem('ignore.types', ignore['types']);
}

function baselineProblem(baseline: unknown): string | null {
  if (baseline === undefined) return null;
  const isBaseline =
    isMap(baseline) &&
    Object.keys(baseline).every((name) => name === 'positions' || name === 'balances') &&
    [baseline['positions'], baseline['balances']].every(isAmountMap);
  return isBaseline ? null : `baseline is ${shown(baseline)}; it must have positions and balances that map to decimals`;
}

/** Absent in a policy without drift rules. */
function driftRulesProblem(drift: unknown): string | null {
  const problem = drift === undefined ? null : driftProblem(drift);
  return problem === null ? null : `drift is ${shown(drift)}; ${problem}`;
}

/** Why the fields of the ladder are invalid; null if they are valid. A policy without a ladder has none of them. */
export function callRulesProblem(policy: Readonly<Record<string, unknown>>): string | null {
  const reminders = remindersProblem(policy['reminderMinutes']);
  if (reminders !== null) return reminders;
  const checks = {
    escalation: escalationProblem,
    notifyChannels: channelsProblem,
    quietHours: quietHoursProblem,
  };
  for (const [name, problemOf] of Object.entries(checks)) {
    const problem = policy[name] === undefined ? null : problemOf(policy[name]);
    if (problem !== null) return `${name} is ${shown(policy[name])}; ${problem}`;
  }
  const hours = policy['snoozeMaxHours'];
  const [min, max] = SNOOZE_HOURS;
  return hours === undefined || isWhole(hours, min, max) ? null : wrongNumber('snoozeMaxHours', hours, min, max);
}

function isAmountMap(map: unknown): boolean {
  return (
    isMap(map) &&
    Object.keys(map).length <= MAX_LISTED &&
    Object.entries(map).every(([name, text]) => isRuleText(name) && typeof text === 'string' && isAmount(text))
  );
}

function isRuleText(text: unknown): boolean {
  return typeof text === 'string' && text !== '' && text.length <= MAX_RULE_LENGTH;
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function wrongNumber(name: string, value: unknown, min: number, max: number): string {
  return `${name} is ${shown(value)}; it must be a whole number from ${min} to ${max}`;
}

function wrong(name: string, policy: Readonly<Record<string, unknown>>, expected: string): string {
  return `${name} is ${shown(policy[name])}; it must be ${expected}`;
}

/** How many characters of an outside value a message shows. */
const MAX_SHOWN = 60;

/** An outside value as text for a message: short, on one line. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') return `"${printable(value.slice(0, MAX_SHOWN)).slice(0, MAX_SHOWN)}"`;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : 'an object';
}

/** One line without control, format and other invisible characters, which could hide or forge what a person reads. */
export function printable(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').replaceAll(/\p{C}/gu, '');
}
