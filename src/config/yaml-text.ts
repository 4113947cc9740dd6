import {
  type Alias,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type YAMLError,
} from 'yaml';
import { AMOUNTS, jsonConfig } from './json-config.js';
import { LIMITS, type LimitName } from '../domain/limits/limits.js';
import type { ConfigProblem } from './config-error.js';

export interface YamlText {
  /** The parsed value; undefined if there are problems. */
  value: unknown;
  problems: ConfigProblem[];
  /** The place of the field at a path, or of its nearest existing parent. */
  placeOf(path: readonly PropertyKey[]): Place | null;
}

/**
 * Parses YAML 1.2. Errors have line and column but never the text of the line, which may hold a secret. Numbers under
 * `tolerance` and `baseline` stay text, so that no float is involved.
 */
export function parseYaml(text: string): YamlText {
  const json = jsonConfig(text);
  if (json === null) return parseDocumentOf(text);
  let parsed: YamlText | null = null;
  return { ...json, placeOf: (path) => (parsed ??= parseDocumentOf(text)).placeOf(path) };
}

function parseDocumentOf(text: string): YamlText {
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const refused = (problems: ConfigProblem[]): YamlText => ({ value: undefined, problems, placeOf: () => null });
  const document = documentOf(text, lines);
  if (document === null) return refused([beyond('configDepth', null, 'it nests too deep')]);
  const problems = [...document.errors, ...document.warnings].map((error) =>
    problemAt(placeAt(error.pos[0]), ...explain(error)),
  );
  if (problems.length === 0) problems.push(...repeatedKeys(document, placeAt));
  if (problems.length === 0) problems.push(...limitProblems(document, placeAt));
  if (problems.length === 0) {
    for (const alias of danglingAliases(document, text)) {
      problems.push(problemAt(placeAt(alias.range?.[0] ?? 0), ...DANGLING_ALIAS));
    }
  }
  if (problems.length > 0) return refused(problems);

  if ([...AMOUNTS].some((name) => text.includes(name))) keepAmountsExact(document);
  try {
    const value: unknown = document.toJS({ maxAliasCount: LIMITS.configAliases.value });
    return { value, problems, placeOf: (path) => placeOf(document, path, placeAt) };
  } catch {
    return refused([beyond('configAliases', null, 'its aliases expand to too much')]);
  }
}

/** Long sequences of brackets or dashes. Each nests one level deeper, and the parser is recursive. */
const ABYSS = /(?:[[{]\s*(?:[\w"'-]+\s*:\s*)?){200}|(?:[-?:][ \t]+){200}/;

/** The parsed document; null if the text nests too deep for the parser. */
function documentOf(text: string, lineCounter: LineCounter): Document.Parsed | null {
  if (ABYSS.test(text)) return null;
  try {
    // The library compares every key with all others of its map, which takes a second for thousands of accounts.
    return parseDocument(text, { lineCounter, prettyErrors: false, merge: true, logLevel: 'error', uniqueKeys: false });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * Keys that occur twice in one map, by the text that they become: 1 and "1" are one key, and so is an alias of a key. `<<` may
 * occur twice: unquoted it is not a key, it merges another map.
 */
function repeatedKeys(document: Document, placeAt: (offset: number) => Place): ConfigProblem[] {
  const found: ConfigProblem[] = [];
  visit(document, {
    Map(_, map) {
      const known = new Set<string>();
      for (const { key } of map.items) {
        const text = keyText(document, key);
        if (text === null) continue;
        if (known.has(text)) {
          const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
          found.push(problemAt(placeAt(offset), 'the same key twice', 'keep one of the two'));
        }
        known.add(text);
      }
    },
  });
  return found;
}

/** The name of a key in the parsed value; null for a merge and for a key that is a map or a list. */
function keyText(document: Document, key: unknown): string | null {
  const node = isAlias(key) ? key.resolve(document) : key;
  // The library reads an unquoted << as a symbol.
  if (!isScalar(node) || typeof node.value === 'symbol') return null;
  return node.value === null ? '' : node.toString();
}

/** The first text that is too long, and the first place that nests too deep. */
function limitProblems(document: Document, placeAt: (offset: number) => Place): ConfigProblem[] {
  let deep: Place | null = null;
  let long: { place: Place; length: number } | null = null;
  const startOf = (node: { range?: readonly number[] | null }): Place => placeAt(node.range?.[0] ?? 0);
  visit(document, {
    Collection(_, node, path) {
      // `path` has a collection and a pair for each level.
      if (path.filter(isCollection).length < LIMITS.configDepth.value) return undefined;
      deep ??= startOf(node);
      return visit.BREAK;
    },
    Scalar(_, node) {
      const length = typeof node.value === 'string' ? node.value.length : 0;
      if (length > LIMITS.configTextLength.value) long ??= { place: startOf(node), length };
    },
  });
  const found: ConfigProblem[] = [];
  if (deep !== null) found.push(beyond('configDepth', deep, 'it nests too deep'));
  const text = long as { place: Place; length: number } | null;
  if (text !== null) found.push(beyond('configTextLength', text.place, `a text of ${text.length} characters`));
  return found;
}

function beyond(limit: LimitName, place: Place | null, what: string): ConfigProblem {
  const { value, unit, remedy } = LIMITS[limit];
  return { ...problemAt(place, `${what}; at most ${value} ${unit} are read`, remedy), limit };
}

type Place = { line: number; column: number };

function problemAt(place: Place | null, problem: string, remedy: string): ConfigProblem {
  const message = place === null ? problem : `line ${place.line}, column ${place.column}: ${problem}`;
  return { path: '', line: place?.line ?? null, column: place?.column ?? null, value: null, message, remedy };
}

const DANGLING_ALIAS = ['an alias (*name) without its anchor', 'put quotes around a value that begins with *'] as const;

function danglingAliases(document: Document, text: string): Alias[] {
  const dangling: Alias[] = [];
  // Most files have no alias. Visiting all nodes of thousands of accounts would take as long as parsing them.
  if (!text.includes('*')) return dangling;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) === undefined) dangling.push(alias);
    },
  });
  return dangling;
}

/** Problem and remedy. Only a part of the library's message is used, because it may quote an unquoted secret of the file. */
function explain(error: YAMLError): readonly [problem: string, remedy: string] {
  if (error.code === 'BAD_ALIAS') return DANGLING_ALIAS;
  if (error.code === 'TAG_RESOLVE_FAILED') {
    return ['an unknown tag (!name)', 'put quotes around a value that begins with !'];
  }
  if (error.code === 'MULTIPLE_DOCS') {
    return ['a second document (after ---)', 'keep one document in the file'];
  }
  const [said = ''] = error.message.split(/[:"'`\n]/);
  return [
    said.trim() === '' ? 'this is not YAML' : said.trim(),
    'correct the YAML there: indent with spaces, one space after a colon, quotes around special characters',
  ];
}

function keepAmountsExact(document: Document): void {
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || !AMOUNTS.has(String(pair.key.value)) || !isMap(pair.value)) return;
      visit(pair.value, {
        Pair(__, { value }) {
          if (isScalar(value) && typeof value.value === 'number' && value.source !== undefined)
            value.value = value.source;
        },
      });
    },
  });
}

function placeOf(document: Document, path: readonly PropertyKey[], placeAt: (offset: number) => Place): Place | null {
  let place: Place | null = null;
  let node: unknown = document.contents;
  for (const part of path) {
    if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      if (isNode(node) && node.range) place = placeAt(node.range[0]);
      continue;
    }
    if (!isMap(node)) break;
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
    if (pair === undefined) break;
    if (isScalar(pair.key) && pair.key.range) place = placeAt(pair.key.range[0]);
    node = pair.value;
  }
  return place;
}
