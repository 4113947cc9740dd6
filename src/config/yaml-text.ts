import { isMap, isScalar, LineCounter, parseDocument, visit, type Document, type YAMLError } from 'yaml';
import type { ConfigProblem } from './config-error.js';

export interface YamlText {
  /** The parsed value; undefined where the text is no YAML. */
  value: unknown;
  problems: ConfigProblem[];
  /** Where the field at a path stands, or the nearest field above it. */
  placeOf(path: readonly PropertyKey[]): { line: number; column: number } | null;
}

/**
 * Parses YAML 1.2. Errors carry line and column but never the line's text, which may hold a secret. Numbers under a
 * `tolerance` come out as the text in which they are written, so that no float decides.
 */
export function parseYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, logLevel: 'silent' });
  const placeAt = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    path: '',
    ...placeAt(error.pos[0]),
    value: null,
    ...explain(error, placeAt(error.pos[0])),
  }));
  if (problems.length > 0) return { value: undefined, problems, placeOf: () => null };

  keepTolerancesExact(document);
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { value, problems, placeOf: (path) => placeOf(document, path, placeAt) };
  } catch (error) {
    const message = `it is not YAML that can be read: ${error instanceof Error ? error.message : 'unknown reason'}`;
    const problem = {
      path: '',
      line: null,
      column: null,
      value: null,
      message,
      remedy: 'write out what the aliases say',
    };
    return { value: undefined, problems: [problem], placeOf: () => null };
  }
}

/** The library's message may repeat text of the file after a colon (an alias or tag, which may be an unquoted secret). */
function explain(error: YAMLError, place: { line: number; column: number }): { message: string; remedy: string } {
  const where = `line ${place.line}, column ${place.column}`;
  if (error.code === 'BAD_ALIAS' || error.message.startsWith('Unresolved alias')) {
    return {
      message: `${where}: an alias (*name) without its anchor`,
      remedy: 'put quotes around a value that begins with *',
    };
  }
  if (error.code === 'TAG_RESOLVE_FAILED') {
    return { message: `${where}: an unknown tag (!name)`, remedy: 'put quotes around a value that begins with !' };
  }
  if (error.code === 'DUPLICATE_KEY') {
    return { message: `${where}: the same key twice`, remedy: 'keep one of the two' };
  }
  const [firstLine = 'not YAML'] = error.message.split('\n');
  return {
    message: `${where}: ${firstLine.split(/[:"'`]/)[0]?.trim() ?? firstLine}`,
    remedy: 'correct the YAML there: indent with spaces, one space after a colon, quotes around special characters',
  };
}

function keepTolerancesExact(document: Document): void {
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== 'tolerance' || !isMap(pair.value)) return;
      for (const { value } of pair.value.items) {
        if (isScalar(value) && typeof value.value === 'number' && value.source !== undefined)
          value.value = value.source;
      }
    },
  });
}

function placeOf(
  document: Document,
  path: readonly PropertyKey[],
  placeAt: (offset: number) => { line: number; column: number },
): { line: number; column: number } | null {
  let place: { line: number; column: number } | null = null;
  let node: unknown = document.contents;
  for (const part of path) {
    if (!isMap(node)) break;
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
    if (pair === undefined) break;
    if (isScalar(pair.key) && pair.key.range) place = placeAt(pair.key.range[0]);
    node = pair.value;
  }
  return place;
}
