import { LosslessNumber, parse } from 'lossless-json';

/** Nothing that is asked for here nests deeper; a document that does is refused before it can fill the stack. */
const DEEPEST_NESTING = 64;

/** A text that is no JSON, with the place at which it stops being some. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';
  constructor(
    message: string,
    /** The text ends before the document does: a torn write, a cut connection. */
    readonly truncated: boolean,
  ) {
    super(message);
  }
}

/**
 * Parses JSON with numbers kept as they are written (LosslessNumber), so that no float takes part. Keys such as
 * `__proto__` are ordinary ones; the same key twice with different values is an error, since one of them is wrong.
 *
 * Throws JsonTextError, whose message never repeats more than one character of the text.
 */
export function parseExactJson(text: string): unknown {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (body.trim() === '') throw new JsonTextError('it is empty', true);
  refuseDeepNesting(body);
  try {
    return parse(body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const truncated = /reached end of input|^End of string/.test(reason);
    if (truncated) throw new JsonTextError(`it ends in the middle, after ${body.length} characters`, true);
    throw new JsonTextError(describe(reason, body), false);
  }
}

/** The parser's own words, without a quotation of the text, and the place as line and column. */
function describe(reason: string, text: string): string {
  const position = Number(/position (\d+)/.exec(reason)?.[1] ?? 0);
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  const column = position - before.lastIndexOf('\n');
  const what = reason.startsWith('Duplicate key') ? 'the same key twice with different values' : 'it is not JSON';
  return `${what} at line ${line}, column ${column}`;
}

function refuseDeepNesting(text: string): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      depth++;
      if (depth > DEEPEST_NESTING) {
        throw new JsonTextError(`it nests more than ${DEEPEST_NESTING} levels deep`, false);
      }
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}

/** A number's or text's exact writing; null for everything else. */
export function writtenNumber(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return value instanceof LosslessNumber ? value.value : null;
}
