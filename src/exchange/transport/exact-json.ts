import { atOnce, type Pieces } from '../../runtime/turns.js';
import { readJson } from '../../domain/text/json-reader.js';

/** A JSON document in which every number is its own text: `{"a": 0.10}` reads as `{a: "0.10"}`. */
export type ExactJson = string | boolean | null | ExactJson[] | { [key: string]: ExactJson };

/**
 * Parses JSON without making a single float: numbers come out as the text the exchange wrote. ccxt reads such documents
 * as it reads its own, since it quotes numbers itself where a float would lose digits.
 *
 * Throws JsonTextError (a SyntaxError) on anything that is not one whole JSON document, and TooLargeError; see `JsonReader`.
 */
export function exactJson(text: string): Pieces<ExactJson> {
  return readJson(text, { number: (written) => written, numericTexts: 'bounded' }) as Pieces<ExactJson>;
}

/** As `exactJson`, at once. */
export function parseExactJson(text: string): ExactJson {
  return atOnce(exactJson(text));
}

/** The fields of a document; none where it is no object. */
export function fieldsOf(document: ExactJson): Readonly<Record<string, ExactJson>> {
  return document === null || typeof document !== 'object' || Array.isArray(document) ? {} : document;
}
