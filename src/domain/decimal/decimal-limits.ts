import { LIMITS, type LimitName } from '../limits/limits.js';

const EXPONENT = /[eE]([+-]?\d+)$/;

/** The limit that a decimal's text exceeds; null where none. Looks at no more of a text than its limit. */
export function decimalExcess(text: string): Extract<LimitName, 'numberLength' | 'exponent'> | null {
  if (text.length > LIMITS.numberLength.value) return 'numberLength';
  const exponent = EXPONENT.exec(text)?.[1];
  return exponent !== undefined && Math.abs(Number(exponent)) > LIMITS.exponent.value ? 'exponent' : null;
}
