/** A JSON document in which every number is its own text: `{"a": 0.10}` reads as `{a: "0.10"}`. */
export type ExactJson = string | boolean | null | ExactJson[] | { [key: string]: ExactJson };

/**
 * Strings are matched first, so that digits inside them are left alone; numbers only as JSON's grammar has them, and not
 * before a colon, where quotes would make a name of them.
 */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\s*:)/g;

/**
 * Parses JSON without making a single float: numbers come out as the text the exchange wrote. ccxt reads such documents
 * as it reads its own, since it quotes numbers itself where a float would lose digits.
 *
 * Throws SyntaxError on anything that is not one whole JSON document: what the pattern does not take for a number stays
 * as it was and fails to parse.
 */
export function parseExactJson(text: string): ExactJson {
  return JSON.parse(text.replace(STRING_OR_NUMBER, quoteNumber)) as ExactJson;
}

function quoteNumber(token: string): string {
  return token.startsWith('"') ? token : `"${token}"`;
}
