import { LIMITS } from '../domain/limits/limits.js';
import { printable, shown } from '../domain/policy/policy-limits.js';
import { isMap } from '../domain/text/is-map.js';
import { UnreadablePayload } from './payload-converter.js';

// What the validators of messages have in common: an object of known fields, with bounded names, texts and times.

/** A valid message, or why it is refused, one line. */
export type Checked<T> = { ok: true; value: T } | { ok: false; problem: string };

/** The longest name and the longest text of a message, in characters. */
export const MAX_NAME = LIMITS.messageName.value;
export const MAX_TEXT = LIMITS.messageText.value;

export type Fields = Readonly<Record<string, unknown>>;

/** A missing payload and null count as an object without fields. */
export function withFields<T>(
  payload: unknown,
  names: readonly string[],
  check: (fields: Fields) => Checked<T>,
): Checked<T> {
  if (payload instanceof UnreadablePayload) return refused(`the payload cannot be read: ${payload.problem}`);
  const fields = payload ?? {};
  if (!isMap(fields)) {
    return refused(`the payload is ${shown(payload)}; it must be an object with ${names.join(', ')}`);
  }
  // Temporal writes an accepted update into the history in full, so unknown fields of any size must not get in.
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    return refused(`the payload has the unknown field ${shown(unknown)}; it takes ${names.join(', ')}`);
  }
  return check(fields);
}

export function nameOr(value: unknown, otherwise: string): Checked<string> {
  return value === undefined || value === null ? taken(otherwise) : textOr(value, 'by', otherwise, MAX_NAME);
}

export function required(value: unknown, name: string, what: string, max = MAX_NAME): Checked<string> {
  const text = textOr(value, name, '', max);
  return text.ok && text.value === '' ? refused(`say ${what} (${name})`) : text;
}

/** The text without invisible characters, or `otherwise` if nothing is left. */
export function textOr(value: unknown, name: string, otherwise: string, max = MAX_TEXT): Checked<string> {
  if (value === undefined || value === null) return taken(otherwise);
  if (typeof value !== 'string') return refused(`${name} is ${shown(value)}; it must be a text`);
  if (value.length > max) return refused(`${name} has ${value.length} characters; at most ${max} are taken`);
  const text = printable(value).trim();
  return taken(text === '' ? otherwise : text);
}

/** The end of the year 9999, milliseconds. */
const LAST_MS = 253_402_300_799_999;

/** The time in milliseconds; null if the value is no ISO 8601 time of the years 1970 to 9999. */
export function timeOf(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) || value.length > 40) return null;
  const ms = Date.parse(value);
  return Number.isFinite(ms) && ms >= 0 && ms <= LAST_MS ? ms : null;
}

export function taken<T>(value: T): Checked<T> {
  return { ok: true, value };
}

export function refused(problem: string): { ok: false; problem: string } {
  return { ok: false, problem };
}
