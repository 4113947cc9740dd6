import type { Pieces } from '../pieces.js';
import { readJson, WrittenNumber } from './json-reader.js';

// Readers of JSON that turn no number into a float. Both throw JsonTextError (a SyntaxError) if the text is not one whole JSON
// document, and TooLargeError; see `JsonReader`.

/** A JSON document in which every number is its own text: `{"a": 0.10}` reads as `{a: "0.10"}`. */
export type ExactJson = string | boolean | null | ExactJson[] | { [key: string]: ExactJson };

/**
 * Reads numbers as texts, for answers of exchanges, which write a number either way. ccxt reads such documents as it reads
 * its own, since it quotes numbers itself where a float would lose digits.
 */
export function exactJson(text: string): Pieces<ExactJson> {
  return readJson(text, { number: (written) => written, numericTexts: 'bounded' }) as Pieces<ExactJson>;
}

/** The fields of a document; empty where it is no object. */
export function fieldsOf(document: ExactJson): Readonly<Record<string, ExactJson>> {
  return document === null || typeof document !== 'object' || Array.isArray(document) ? {} : document;
}

/** Reads numbers as `WrittenNumber`, for documents in which a number and a text are not the same. */
export function writtenJson(text: string): Pieces<unknown> {
  return readJson(text, { number: (written) => new WrittenNumber(written) });
}

/** The text of a number or string; null for anything else. */
export function writtenNumber(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return value instanceof WrittenNumber ? value.value : null;
}
