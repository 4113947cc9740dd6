import { LIMITS, type LimitName } from '../limits/limits.js';

const EXPONENT = /[eE]([+-]?\d+)$/;

/** The limit that the text of a decimal exceeds; null if none. A text that is too long is not parsed. */
export function decimalExcess(text: string): Extract<LimitName, 'numberLength' | 'exponent'> | null {
  if (text.length > LIMITS.numberLength.value) return 'numberLength';
  const exponent = EXPONENT.exec(text)?.[1];
  return exponent !== undefined && Math.abs(Number(exponent)) > LIMITS.exponent.value ? 'exponent' : null;
}
