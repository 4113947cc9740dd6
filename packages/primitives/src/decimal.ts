import { Big } from 'big.js';

/**
 * An exact decimal number as text, as an exchange or a bot wrote it ("0.500", "1e-8").
 *
 * Values are compared as numbers, never as text: "0.5" and "0.500" are equal. No operation uses floats.
 */
export type DecimalText = string;

const DECIMAL = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;

/** Whether the text is a finite decimal number. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/** The shortest plain form: "0.500" and "5e-1" become "0.5", "-0" becomes "0". Throws RangeError on anything else. */
export function normalizeDecimal(text: string): DecimalText {
  if (!isDecimal(text)) throw new RangeError(`"${text}" is not a decimal number`);
  return plain(new Big(text));
}

/**
 * Equal texts, and texts that differ only in trailing zeros, need no decimal object. These are the usual cases, so large
 * snapshots are cheap to compare.
 */
export function equalDecimals(a: DecimalText, b: DecimalText): boolean {
  return a === b || differOnlyInTrailingZeros(a, b) || new Big(a).eq(b);
}

const POINT = 46;
const ZERO = 48;

/** Whether the longer text is the shorter one plus zeros after the point: "0.5" and "0.500", "7" and "7.0". */
function differOnlyInTrailingZeros(a: DecimalText, b: DecimalText): boolean {
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  if (shorter.length === longer.length || !longer.startsWith(shorter)) return false;
  // Zeros in an exponent are significant: 1.0e1 is not 1.0e10.
  if (longer.includes('e') || longer.includes('E')) return false;
  let afterPoint = shorter.includes('.');
  for (let i = shorter.length; i < longer.length; i += 1) {
    const code = longer.charCodeAt(i);
    if (code === POINT && !afterPoint) afterPoint = true;
    else if (code !== ZERO || !afterPoint) return false;
  }
  return true;
}

export function compareDecimals(a: DecimalText, b: DecimalText): -1 | 0 | 1 {
  return a === b ? 0 : new Big(a).cmp(b);
}

/** Whether `a` and `b` differ by at most `tolerance`. */
export function withinTolerance(a: DecimalText, b: DecimalText, tolerance: DecimalText): boolean {
  return equalDecimals(a, b) || new Big(a).minus(b).abs().lte(tolerance);
}

export function addDecimals(a: DecimalText, b: DecimalText): DecimalText {
  return plain(new Big(a).plus(b));
}

export function subtractDecimals(a: DecimalText, b: DecimalText): DecimalText {
  return plain(new Big(a).minus(b));
}

export function multiplyDecimals(a: DecimalText, b: DecimalText): DecimalText {
  return plain(new Big(a).times(b));
}

export function halfOf(a: DecimalText): DecimalText {
  return plain(new Big(a).times('0.5'));
}

export function negateDecimal(a: DecimalText): DecimalText {
  return plain(new Big(a).times(-1));
}

export function absoluteDecimal(a: DecimalText): DecimalText {
  return plain(new Big(a).abs());
}

export function isZero(a: DecimalText): boolean {
  return a === '0' || new Big(a).eq(0);
}

export function signOf(a: DecimalText): -1 | 0 | 1 {
  return new Big(a).cmp(0);
}

function plain(value: Big): DecimalText {
  return value.eq(0) ? '0' : value.toFixed();
}
