import { LIMITS, TooLargeError } from '../domain/limits/limits.js';
import { atOnce } from '../domain/pieces.js';
import { writtenJson } from '../domain/text/exact-json.js';
import { JsonTextError, WrittenNumber } from '../domain/text/json-reader.js';

/** Configurations of thousands of accounts are written by programs, often as JSON. */
const BEGINS_AS_JSON = /^\s*\{/;

/**
 * The value of a configuration that is JSON, which is YAML too, but is read in a tenth of the time. Null for any other text,
 * and for JSON with a problem, which the YAML parser finds and places.
 */
export function jsonConfig(text: string): { value: unknown; problems: [] } | null {
  if (!BEGINS_AS_JSON.test(text)) return null;
  try {
    const walk = new Walk();
    const value = walk.plain(atOnce(writtenJson(text)), 0);
    // The JSON reader accepts a key that is repeated with the same value. In a configuration that is an error.
    return walk.fields === fieldsIn(text) ? { value, problems: [] } : null;
  } catch (error) {
    if (error instanceof JsonTextError || error instanceof TooLargeError || error instanceof BeyondLimit) return null;
    throw error;
  }
}

/** Keys under which numbers are amounts, at any depth. */
export const AMOUNTS: ReadonlySet<string> = new Set(['tolerance', 'baseline']);

class BeyondLimit extends Error {}

class Walk {
  fields = 0;

  /** Converts numbers; amounts stay text. `depth`: the number of lists and maps around the value. */
  plain(value: unknown, depth: number, areAmounts = false): unknown {
    if (typeof value === 'string') return bounded(value);
    if (value instanceof WrittenNumber) return Number(value.value);
    if (value === null || typeof value !== 'object') return value;
    if (depth >= LIMITS.configDepth.value) throw new BeyondLimit();
    if (Array.isArray(value)) return value.map((item) => this.plain(item, depth + 1, areAmounts));
    const entries = Object.entries(value);
    this.fields += entries.length;
    return Object.fromEntries(
      entries.map(([name, field]: [string, unknown]) => [
        bounded(name),
        areAmounts && field instanceof WrittenNumber
          ? field.value
          : this.plain(field, depth + 1, areAmounts || (AMOUNTS.has(name) && !Array.isArray(field))),
      ]),
    );
  }
}

function bounded(text: string): string {
  if (text.length > LIMITS.configTextLength.value) throw new BeyondLimit();
  return text;
}

/** Number of fields of all maps in a valid JSON text: outside of strings, a colon only follows a key. */
function fieldsIn(text: string): number {
  let fields = 0;
  for (const [part] of text.matchAll(/"(?:[^"\\]|\\.)*"|:/g)) if (part === ':') fields += 1;
  return fields;
}
