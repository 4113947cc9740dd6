import { isDecimal, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { Policy } from '../../domain/policy/policy.js';
import { canonicalJson } from '../store/canonical.js';

/** The settings of a registration. */
export interface Settings {
  exchange: string;
  policy: Policy;
  active: boolean;
}

/** Whether two settings are equivalent, regardless of the order of keys and sets and of the notation of decimals. */
export function sameSettings(a: Settings, b: Settings): boolean {
  return meaningOf(a) === meaningOf(b);
}

/** The policy as JSON holds it: a number that JSON cannot hold is null, here and in every event that reports it. */
export function asStored(policy: Policy): Policy {
  return JSON.parse(JSON.stringify(policy)) as Policy;
}

function meaningOf({ exchange, policy, active }: Settings): string {
  return canonicalJson({ exchange, active, policy: mapValue(policy, []) });
}

/** Lists whose order has no meaning; `reminderMinutes` is ordered, so it is not among them. */
const SETS = new Set([
  'interveneOn',
  'ignore.symbols',
  'ignore.clientOrderIdPrefixes',
  'ignore.onlyClientOrderIdPrefixes',
  'ignore.types',
  'atLeast',
]);

/** Accepts any JSON: a stored value may be invalid, and is then compared unchanged. */
function mapValue(value: unknown, path: string[]): unknown {
  if (Array.isArray(value))
    return SETS.has(path.join('.')) ? value.map((item: unknown) => canonicalJson(item)).toSorted() : value;
  if (typeof value === 'string' && path[0] === 'tolerance') return meaningOfTolerance(value);
  if (typeof value === 'string' && path[0] === 'baseline' && isDecimal(value)) return normalizeDecimal(value);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, mapValue(field, [...path, key])]));
}

/** "0.50%+1.0" and "1+0.5%" are the same tolerance. */
function meaningOfTolerance(text: string): string {
  const parts = text.split('+').map((part) => {
    const [number, unit] = part.endsWith('%') ? [part.slice(0, -1), '%'] : [part, ''];
    return isDecimal(number) ? `${normalizeDecimal(number)}${unit}` : null;
  });
  const [first, second] = parts;
  if (parts.includes(null)) return text;
  // The percentage last.
  return first?.endsWith('%') === true && second !== undefined ? `${second}+${first}` : parts.join('+');
}
