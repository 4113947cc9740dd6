/** An exact decimal number: `digits` divided by 10 to the power of `scale`. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

export const ZERO: Decimal = { digits: 0n, scale: 0 };
const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i;

/** The value as an exact number; null if it is not a number. A float counts as the shortest text that means it. */
export function number(value: unknown): Decimal | null {
  if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'bigint') return null;
  const parsed = FORM.exec(String(value).trim());
  if (parsed === null) return null;
  const [, sign, whole = '', part = '', exponent = '0'] = parsed;
  if (whole === '' && part === '') return null;
  const scale = part.length - Number(exponent);
  const digits = BigInt(`${whole}${part}`) * (sign === '-' ? -1n : 1n);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** Null for zero, because exchanges write 0 for "no price". */
export function aboveZero(value: unknown): Decimal | null {
  const parsed = number(value);
  return parsed !== null && parsed.digits > 0n ? parsed : null;
}

/** Plain digits without trailing zeros: "0.5", never "5e-1". */
export function plain(value: Decimal): string {
  const text = (value.digits < 0n ? -value.digits : value.digits).toString().padStart(value.scale + 1, '0');
  const at = text.length - value.scale;
  const part = text.slice(at).replace(/0+$/, '');
  return `${value.digits < 0n ? '-' : ''}${text.slice(0, at)}${part === '' ? '' : `.${part}`}`;
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: scaled(a, scale) + scaled(b, scale), scale };
}

export function negate({ digits, scale }: Decimal): Decimal {
  return { digits: -digits, scale };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, negate(b));
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

/** Below zero if `a` is the smaller one, above if it is the larger one. */
export function compare(a: Decimal, b: Decimal): number {
  const { digits } = subtract(a, b);
  return digits < 0n ? -1 : digits > 0n ? 1 : 0;
}

function scaled({ digits, scale }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - scale);
}
