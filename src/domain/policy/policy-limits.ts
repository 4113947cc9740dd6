import { isDecimal, signOf } from '../decimal/decimal.js';
import { decimalExcess } from '../decimal/decimal-limits.js';
import { DISCREPANCY_TYPES } from '../difference/difference.js';
import { LIMITS } from '../limits/limits.js';
import type { Policy } from './policy.js';

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
  'ignore',
  'interveneOn',
  'reminderMinutes',
];
const IGNORE_FIELDS = ['symbols', 'clientOrderIdPrefixes', 'types'];

/**
 * Why an outside value is not a valid policy, one line; null if it is valid. Synchronous and pure, because Temporal's
 * update validators call it inside a workflow.
 */
export function policyProblem(policy: unknown): string | null {
  if (!isObject(policy)) return `policy is ${shown(policy)}; it must be an object with ${FIELDS.join(', ')}`;
  const unknown = Object.keys(policy).find((name) => !(FIELDS as string[]).includes(name));
  if (unknown !== undefined) return `policy has the unknown field ${shown(unknown)}`;
  for (const [name, [min, max]] of Object.entries(POLICY_LIMITS)) {
    if (!isWhole(policy[name], min, max)) return wrongNumber(name, policy[name], min, max);
  }
  const { confirmations, maxLooks } = policy as unknown as Policy;
  if (confirmations > maxLooks) {
    return `confirmations (${confirmations}) is above maxLooks (${maxLooks}), so nothing could be confirmed`;
  }
  if (typeof policy['compareBalances'] !== 'boolean') return wrong('compareBalances', policy, 'true or false');
  const length = JSON.stringify(policy).length;
  if (length > MAX_POLICY_LENGTH) {
    return `the policy has ${length} characters as JSON; at most ${MAX_POLICY_LENGTH} are taken`;
  }
  return (
    remindersProblem(policy['reminderMinutes']) ??
    typesProblem('interveneOn', policy['interveneOn']) ??
    toleranceProblem(policy['tolerance']) ??
    ignoreProblem(policy['ignore'])
  );
}

/** A decimal that is not negative, or a percentage of one ("0.5%"). */
export function isTolerance(text: string): boolean {
  const number = text.endsWith('%') ? text.slice(0, -1) : text;
  return text.length <= 40 && isDecimal(number) && decimalExcess(number) === null && signOf(number) >= 0;
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

function toleranceProblem(tolerance: unknown): string | null {
  const isMap =
    isObject(tolerance) &&
    Object.keys(tolerance).length <= MAX_LISTED &&
    Object.entries(tolerance).every(
      ([symbol, text]) => isRuleText(symbol) && typeof text === 'string' && isTolerance(text),
    );
  return isMap
    ? null
    : `tolerance is ${shown(tolerance)}; it must map symbols to decimals ("0.001") or percentages ("0.5%")`;
}

function ignoreProblem(ignore: unknown): string | null {
  if (!isObject(ignore) || Object.keys(ignore).some((name) => !IGNORE_FIELDS.includes(name))) {
    return `ignore is ${shown(ignore)}; it must be an object with ${IGNORE_FIELDS.join(', ')}`;
  }
  for (const name of ['symbols', 'clientOrderIdPrefixes']) {
    const list = ignore[name];
    if (!Array.isArray(list) || list.length > MAX_LISTED || !list.every(isRuleText)) {
      return `ignore.${name} is ${shown(list)}; it must list texts of at most ${MAX_RULE_LENGTH} characters`;
    }
  }
  return typesProblem('ignore.types', ignore['types']);
}

function isRuleText(text: unknown): boolean {
  return typeof text === 'string' && text !== '' && text.length <= MAX_RULE_LENGTH;
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
