import { type Alias, isMap, isScalar, LineCounter, parseDocument, visit, type Document, type YAMLError } from 'yaml';
import type { ConfigProblem } from './config-error.js';

export interface YamlText {
  /** The parsed value; undefined where the text is no YAML. */
  value: unknown;
  problems: ConfigProblem[];
  /** Where the field at a path stands, or the nearest field above it. */
  placeOf(path: readonly PropertyKey[]): Place | null;
}

/**
 * Parses YAML 1.2. Errors carry line and column but never the line's text, which may hold a secret. Numbers under a
 * `tolerance` come out as the text in which they are written, so that no float decides.
 */
export function parseYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, logLevel: 'silent' });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems = [...document.errors, ...document.warnings].map((error) =>
    problemAt(placeAt(error.pos[0]), ...explain(error)),
  );
  if (problems.length === 0) {
    for (const alias of danglingAliases(document)) {
      problems.push(problemAt(placeAt(alias.range?.[0] ?? 0), ...DANGLING_ALIAS));
    }
  }
  if (problems.length > 0) return { value: undefined, problems, placeOf: () => null };

  keepTolerancesExact(document);
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { value, problems, placeOf: (path) => placeOf(document, path, placeAt) };
  } catch {
    const problem = problemAt(null, 'its aliases unfold to far more than a configuration', 'write out what they say');
    return { value: undefined, problems: [problem], placeOf: () => null };
  }
}

type Place = { line: number; column: number };

function problemAt(place: Place | null, problem: string, remedy: string): ConfigProblem {
  const message = place === null ? problem : `line ${place.line}, column ${place.column}: ${problem}`;
  return { path: '', line: place?.line ?? null, column: place?.column ?? null, value: null, message, remedy };
}

const DANGLING_ALIAS = ['an alias (*name) without its anchor', 'put quotes around a value that begins with *'] as const;

function danglingAliases(document: Document): Alias[] {
  const dangling: Alias[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) === undefined) dangling.push(alias);
    },
  });
  return dangling;
}

/** What is wrong and what to do. The library's message may repeat text of the file, which may be an unquoted secret. */
function explain(error: YAMLError): readonly [problem: string, remedy: string] {
  if (error.code === 'BAD_ALIAS') return DANGLING_ALIAS;
  if (error.code === 'TAG_RESOLVE_FAILED') {
    return ['an unknown tag (!name)', 'put quotes around a value that begins with !'];
  }
  if (error.code === 'DUPLICATE_KEY') return ['the same key twice', 'keep one of the two'];
  const [said = ''] = error.message.split(/[:"'`\n]/);
  return [
    said.trim() === '' ? 'this is not YAML' : said.trim(),
    'correct the YAML there: indent with spaces, one space after a colon, quotes around special characters',
  ];
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

function placeOf(document: Document, path: readonly PropertyKey[], placeAt: (offset: number) => Place): Place | null {
  let place: Place | null = null;
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
