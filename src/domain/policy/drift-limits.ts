import { compareDecimals, isDecimal, signOf } from '../decimal/decimal.js';
import { decimalExcess } from '../decimal/decimal-limits.js';
import { DISCREPANCY_TYPES } from '../difference/difference.js';
import { isMap } from '../text/is-map.js';
import { DRIFT_ACTIONS } from './drift-rules.js';
import type { DriftRule } from './policy.js';

// The limits of a policy's drift rules. The configuration and the workflows both check them.

/** Drift rules of a policy. Each difference is compared with each rule. */
export const MAX_DRIFT_RULES = 100;
/** Symbols of one rule. */
export const MAX_DRIFT_SYMBOLS = 1_000;
const MAX_SYMBOL_LENGTH = 200;
const MAX_NUMBER_LENGTH = 40;

const FIELDS: readonly (keyof DriftRule)[] = [
  'types',
  'symbols',
  'notionalAtLeast',
  'notionalBelow',
  'action',
  'closeGate',
];

/** Whether the text is a size for a rule: a decimal that is not negative. */
export function isNotional(text: string): boolean {
  return text.length <= MAX_NUMBER_LENGTH && isDecimal(text) && decimalExcess(text) === null && signOf(text) >= 0;
}

/** Why a value is not a list of drift rules, without the value's name; null if it is one. */
export function driftProblem(drift: unknown): string | null {
  if (!Array.isArray(drift) || drift.length === 0 || drift.length > MAX_DRIFT_RULES) {
    return `it must list 1 to ${MAX_DRIFT_RULES} rules`;
  }
  for (const [index, rule] of drift.entries()) {
    const problem = ruleProblem(rule);
    if (problem !== null) return `rule ${index + 1} ${problem}`;
  }
  return null;
}

function ruleProblem(rule: unknown): string | null {
  if (!isMap(rule) || Object.keys(rule).some((name) => !(FIELDS as string[]).includes(name))) {
    return `must be an object with ${FIELDS.join(', ')}`;
  }
  const { types, symbols, notionalAtLeast: least, notionalBelow: limit, action, closeGate } = rule;
  const knownTypes: readonly unknown[] = DISCREPANCY_TYPES;
  const actions: readonly unknown[] = DRIFT_ACTIONS;
  if (types !== undefined && !isListOf(types, DISCREPANCY_TYPES.length, (type) => knownTypes.includes(type))) {
    return 'has types that are no list of discrepancy types';
  }
  if (symbols !== undefined && !isListOf(symbols, MAX_DRIFT_SYMBOLS, isSymbol)) {
    return `has symbols that are no list of 1 to ${MAX_DRIFT_SYMBOLS} texts of at most ${MAX_SYMBOL_LENGTH} characters`;
  }
  for (const [name, size] of Object.entries({ notionalAtLeast: least, notionalBelow: limit })) {
    if (size !== undefined && !(typeof size === 'string' && isNotional(size))) {
      return `has a ${name} that is no decimal text, or is negative`;
    }
  }
  if (!actions.includes(action)) return `has an action that is none of ${DRIFT_ACTIONS.join(', ')}`;
  if (closeGate !== undefined && typeof closeGate !== 'boolean')
    return 'has a closeGate that is neither true nor false';
  return contradiction(rule as unknown as DriftRule)?.text ?? null;
}

/** Why a well-formed rule makes no sense, and which field is wrong; null if it makes sense. */
export function contradiction({
  notionalAtLeast: least,
  notionalBelow: limit,
  action,
  closeGate,
}: DriftRule): { field: 'closeGate' | 'notionalBelow'; text: string } | null {
  if (action === 'ignore' && closeGate === true) {
    return { field: 'closeGate', text: 'ignores a drift, which then cannot close the trading gate' };
  }
  if (least !== undefined && limit !== undefined && compareDecimals(least, limit) >= 0) {
    return { field: 'notionalBelow', text: `can never fit: nothing is at least ${least} and below ${limit}` };
  }
  return null;
}

function isListOf(value: unknown, most: number, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.length <= most && value.every(isItem);
}

function isSymbol(text: unknown): boolean {
  return typeof text === 'string' && text !== '' && text.length <= MAX_SYMBOL_LENGTH;
}
