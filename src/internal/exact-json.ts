import { LosslessNumber } from 'lossless-json';
import type { Pieces } from '../runtime/turns.js';
import { readJson } from '../domain/text/json-reader.js';

/**
 * Parses JSON and keeps numbers as they are written (LosslessNumber), so that no float takes part and a number is not
 * mistaken for a text. Throws JsonTextError and TooLargeError; see `JsonReader`.
 */
export function exactJson(text: string): Pieces<unknown> {
  return readJson(text, { number: (written) => new LosslessNumber(written) });
}

/** A number's or text's exact writing; null for everything else. */
export function writtenNumber(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return value instanceof LosslessNumber ? value.value : null;
}
