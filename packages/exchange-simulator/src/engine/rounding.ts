import { Big } from 'big.js';
import type { DecimalText } from '@plumbline/primitives/decimal';

/** Quotients (average prices, inverse profits) have this many decimals, more than any wire shows. */
const QUOTIENT_DECIMALS = 16;

/** `a / b`, rounded half-up to 16 decimals: the only inexact operation of the engine. */
export function divideDecimals(a: DecimalText, b: DecimalText): DecimalText {
  const [numerator, denominator] = [new Big(a), new Big(b)];
  // big.js takes the precision of a division from its constructor; a private one keeps the shared default unchanged.
  const Precise = Big();
  Precise.DP = QUOTIENT_DECIMALS;
  return new Precise(numerator.toFixed()).div(denominator.toFixed()).toFixed();
}

/** Whether `value` is a whole number of `step`s. */
export function isMultipleOf(value: DecimalText, step: DecimalText): boolean {
  return new Big(value).mod(step).eq(0);
}

/** The largest multiple of `step` that is not above `value` (for values of zero and more). */
export function floorToStep(value: DecimalText, step: DecimalText): DecimalText {
  const exact = new Big(value);
  return exact.minus(exact.mod(step)).toFixed();
}

/** How many decimals a step has: "0.010" has 2, "10" has 0. */
export function decimalsOf(step: DecimalText): number {
  return new Big(step).toFixed().split('.')[1]?.length ?? 0;
}

const PLAIN = /^-?\d+(?:\.(\d+))?$/;

/** The value with exactly this many decimals, rounded half-up: the padded format of exchanges. */
export function padDecimals(value: DecimalText, decimals: number): string {
  const text = paddedText(value, decimals) ?? new Big(value).toFixed(decimals);
  return /^-0(?:\.0*)?$/.test(text) ? text.slice(1) : text;
}

/** Padding needs no arithmetic if no digit is lost, which makes answers with thousands of rows cheap. */
function paddedText(value: DecimalText, decimals: number): string | null {
  const match = PLAIN.exec(value);
  if (match === null) return null;
  const given = match[1]?.length ?? 0;
  if (given > decimals) return null;
  return given === 0 && decimals > 0 ? `${value}.${'0'.repeat(decimals)}` : value + '0'.repeat(decimals - given);
}

export function smallerOf(a: DecimalText, b: DecimalText): DecimalText {
  return new Big(a).lt(b) ? a : b;
}
