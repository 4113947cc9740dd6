import { LosslessNumber } from 'lossless-json';
import type { Pieces } from '../runtime/turns.js';
import { readJson } from '../domain/text/json-reader.js';

/**
 * Parses JSON and keeps the text of numbers (LosslessNumber), so that no float is involved and numbers and texts stay
 * distinct. Throws JsonTextError and TooLargeError; see `JsonReader`.
 */
export function exactJson(text: string): Pieces<unknown> {
  return readJson(text, { number: (written) => new LosslessNumber(written) });
}

/** The text of a number or string; null for anything else. */
export function writtenNumber(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return value instanceof LosslessNumber ? value.value : null;
}
