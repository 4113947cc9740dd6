import { isDecimal, normalizeDecimal } from '../../domain/decimal/decimal.js';
import type { Policy } from '../../domain/policy/policy.js';
import { canonicalJson } from '../store/canonical.js';

/** What a registration sets. */
export interface Settings {
  exchange: string;
  policy: Policy;
  active: boolean;
}

/** Whether two settings mean the same. The order of keys and of sets, and the notation of decimals, mean nothing. */
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

/** Lists whose order means something are not among them: `reminderMinutes`. */
const SETS = new Set(['interveneOn', 'ignore.symbols', 'ignore.clientOrderIdPrefixes', 'ignore.types']);

/** Takes any JSON: what is stored may be nonsense, and is then compared as it is. */
function mapValue(value: unknown, path: string[]): unknown {
  if (Array.isArray(value))
    return SETS.has(path.join('.')) ? value.map((item: unknown) => canonicalJson(item)).toSorted() : value;
  if (typeof value === 'string' && path[0] === 'tolerance') return meaningOfTolerance(value);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, mapValue(field, [...path, key])]));
}

function meaningOfTolerance(text: string): string {
  const isFraction = text.endsWith('%');
  const number = isFraction ? text.slice(0, -1) : text;
  return isDecimal(number) ? `${normalizeDecimal(number)}${isFraction ? '%' : ''}` : text;
}
