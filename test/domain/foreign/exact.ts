/*
 * Numbers of the foreign oracle: whole multiples of 10^-PLACES, so that it shares no arithmetic with src/domain.
 */

const PLACES = 24;
const ONE = 10n ** BigInt(PLACES);

/** The number of a decimal text such as "0.001" or "-12". */
export function exact(text: string): bigint {
  const sign = text.startsWith('-') ? -1n : 1n;
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  if (fraction.length > PLACES) throw new Error(`${text} has more than ${PLACES} places`);
  return sign * BigInt(whole + fraction.padEnd(PLACES, '0'));
}

/** The shortest decimal text. */
export function textOf(value: bigint): string {
  const size = (value < 0n ? -value : value).toString().padStart(PLACES + 1, '0');
  const fraction = size.slice(-PLACES).replace(/0+$/, '');
  const whole = size.slice(0, -PLACES);
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Another text of the same number: with trailing zeros, or with an exponent. */
export function otherText(text: string, how: number): string {
  if (how === 1) return text.includes('.') ? `${text}00` : `${text}.000`;
  if (how === 2) return `${text}e0`;
  return text;
}

export function product(a: bigint, b: bigint): bigint {
  return (a * b) / ONE;
}

/** Rounded down, as a program that shows eight decimals does. */
export function quotient(a: bigint, b: bigint): bigint {
  const unit = ONE / 10n ** 8n;
  return ((a * ONE) / b / unit) * unit;
}

/** Whether two numbers are equal under a rule such as "0.001+0.5%"; `usual` is the allowance without a rule. */
export function isNear(a: bigint, b: bigint, rule: string | undefined, usual: Allowance): boolean {
  let { amount, share } = usual;
  if (rule !== undefined) {
    share = 0n;
    for (const part of rule.split('+')) {
      if (part.endsWith('%')) share = exact(part.slice(0, -1)) / 100n;
      else amount = exact(part);
    }
  }
  const [sizeA, sizeB] = [size(a), size(b)];
  const smaller = sizeA < sizeB ? sizeA : sizeB;
  return (size(a - b) - amount) * ONE <= smaller * share;
}

export interface Allowance {
  amount: bigint;
  share: bigint;
}

function size(value: bigint): bigint {
  return value < 0n ? -value : value;
}
