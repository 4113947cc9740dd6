/**
 * Parses JSON with comments and trailing commas, as Freqtrade reads its configuration.
 *
 * @throws SyntaxError without any text of the file, which may hold secrets
 */
export function relaxedJson(text: string): unknown {
  try {
    return JSON.parse(withoutExtras(text.replace(/^\uFEFF/, '')));
  } catch {
    throw new SyntaxError('it is not JSON');
  }
}

/**
 * A text in quotes, a comment, or a comma before a closing bracket (with comments between). Only texts are kept. A comment
 * there ends in one place only: else a few dozen of them in a row would take hours.
 */
const PARTS =
  /"(?:[^"\\]|\\[\s\S])*"|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|,(?=(?:\s|\/\/[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*[\]}])/g;

function withoutExtras(text: string): string {
  return text.replaceAll(PARTS, (part) => (part.startsWith('"') ? part : ' '));
}
