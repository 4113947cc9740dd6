/**
 * The languages differ in quotes and comments: dollar quotes and E'...' are PostgreSQL's, [names] SQLite's, `names` SQLite's and
 * MySQL's. In MySQL (and MariaDB) "..." is a text, a backslash escapes, # begins a comment, and -- only before a space.
 */
export type SqlDialect = 'postgresql' | 'sqlite' | 'mysql';

export type OneSelect =
  /** The statement without its final semicolon. */
  | { query: string; readsClock: string | null }
  /** Why it is not run, such as "it has more than one statement". */
  | { refused: string };

/** Why `as_of` may not read a clock of the database. */
export function readsClock(clock: string): string {
  return `reads the clock of the database (${clock}), so a bot that has stopped would look alive`;
}
export const CLOCK_REMEDY = 'select a time that the bot itself writes';

interface Token {
  /** `quoted`: a name in quotes, `string`: a text in any quotes, `sign`: any other single character. */
  kind: 'word' | 'quoted' | 'string' | 'number' | 'sign';
  /** Words are in lower case. */
  text: string;
  at: number;
}

/** Words that begin a change, or rows that are locked or written by a select. As a column they can be written in quotes. */
const CHANGES: ReadonlyMap<string, string> = new Map([
  ['insert', 'it changes data (INSERT)'],
  ['update', 'it changes data or locks rows (UPDATE)'],
  ['delete', 'it changes data (DELETE)'],
  ['merge', 'it changes data (MERGE)'],
  ['into', 'it writes into a table (INTO)'],
]);

/** Names that mean the time of the database, with or without parentheses. */
const CLOCKS: ReadonlySet<string> = new Set([
  'current_timestamp',
  'localtimestamp',
  'current_time',
  'localtime',
  'current_date',
]);
const CLOCK_CALLS: ReadonlySet<string> = new Set([
  'now',
  'clock_timestamp',
  'statement_timestamp',
  'transaction_timestamp',
  'timeofday',
  'getdate',
]);
/** Names and calls of MySQL, in addition. */
const MYSQL_CLOCKS: ReadonlySet<string> = new Set(['utc_timestamp', 'utc_date', 'utc_time']);
const MYSQL_CLOCK_CALLS: ReadonlySet<string> = new Set(['sysdate', 'curdate', 'curtime']);
/** Functions that mean the time of the database if they are called without arguments. */
const EMPTY_CLOCK_CALLS: ReadonlySet<string> = new Set([
  'unixepoch',
  'julianday',
  'datetime',
  'date',
  'time',
  'unix_timestamp',
]);

/**
 * Accepts one SELECT (or WITH ... SELECT, or VALUES) that changes nothing, and refuses anything else. Knows strings, names in
 * quotes and comments, so a semicolon or a word inside them does not count.
 *
 * This finds mistakes before a connection is made. What protects the data is the read-only transaction, and a role that may
 * only select.
 */
export function oneSelect(sql: string, dialect: SqlDialect): OneSelect {
  const tokens = tokensOf(sql, dialect);
  if (typeof tokens === 'string') return { refused: tokens };
  const end = tokens.findIndex(({ text, kind }) => kind === 'sign' && text === ';');
  if (end !== -1 && tokens.slice(end).some(({ text }) => text !== ';')) {
    return { refused: 'it has more than one statement' };
  }
  const statement = end === -1 ? tokens : tokens.slice(0, end);
  const first = statement.find(({ text }) => text !== '(');
  if (first === undefined) return { refused: 'it is empty' };
  if (first.kind !== 'word' || !['select', 'with', 'values'].includes(first.text)) {
    return { refused: `it begins with ${first.text.toUpperCase()}, and only SELECT and WITH ... SELECT are run` };
  }
  const change = changeIn(statement, dialect);
  if (change !== null) return { refused: change };
  const query = end === -1 ? sql : sql.slice(0, tokens[end]?.at);
  return { query: query.trim(), readsClock: clockIn(statement, dialect) };
}

function changeIn(tokens: readonly Token[], dialect: SqlDialect): string | null {
  const quotes = dialect === 'mysql' ? 'backticks' : 'double quotes';
  for (const [index, { kind, text }] of tokens.entries()) {
    const before = tokens[index - 1]?.text;
    if (kind !== 'word' || before === '.') continue;
    const change = CHANGES.get(text);
    if (change !== undefined) return `${change}; if it is a column, write its name in ${quotes}`;
    if (text === 'share' && (before === 'for' || before === 'key')) return 'it locks rows (FOR SHARE)';
    if (text === 'share' && before === 'in' && dialect === 'mysql') return 'it locks rows (LOCK IN SHARE MODE)';
  }
  return null;
}

function clockIn(tokens: readonly Token[], dialect: SqlDialect): string | null {
  const isMysql = dialect === 'mysql';
  for (const [index, { kind, text }] of tokens.entries()) {
    const isName = tokens[index - 1]?.text === '.' && tokens[index - 2]?.text !== 'pg_catalog';
    const opens = tokens[index + 1]?.text === '(';
    if (kind === 'string' && text.toLowerCase() === 'now') return "'now'";
    if (kind !== 'word' || isName) continue;
    if (CLOCKS.has(text) || (isMysql && MYSQL_CLOCKS.has(text))) return text;
    if (opens && (CLOCK_CALLS.has(text) || (isMysql && MYSQL_CLOCK_CALLS.has(text)))) return `${text}()`;
    if (EMPTY_CLOCK_CALLS.has(text) && opens && tokens[index + 2]?.text === ')') return `${text}()`;
  }
  return null;
}

const SPACE = /\s+/y;
const LINE_COMMENT = /--[^\n]*/y;
const MYSQL_LINE_COMMENT = /(?:#|--(?=\s|$))[^\n]*/y;
/** MySQL runs what stands in these comments, and takes hints from them, which could lift the time limit. */
const LIVE_COMMENT = /\/\*(?:!|M!|\+)/y;
const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
/** MySQL reads `1.into` and `1e1into` as a number and a word. */
const NUMBER = /0x[0-9a-f]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy;
const DOLLAR_TAG = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

/** The tokens, or why they cannot be found: the end of a quote or comment is missing. */
function tokensOf(sql: string, dialect: SqlDialect): Token[] | string {
  const tokens: Token[] = [];
  const match = (pattern: RegExp, at: number): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(sql)?.[0] ?? null;
  };
  for (let at = 0; at < sql.length;) {
    const passed = match(SPACE, at) ?? match(dialect === 'mysql' ? MYSQL_LINE_COMMENT : LINE_COMMENT, at);
    if (passed !== null) {
      at += passed.length;
      continue;
    }
    if (dialect === 'mysql' && match(LIVE_COMMENT, at) !== null) {
      return 'it has a comment that MySQL runs or obeys (/*!, /*M! or /*+); remove it';
    }
    if (sql.startsWith('/*', at)) {
      const end = endOfComment(sql, at, dialect);
      if (end === null) return 'a comment (/*) has no end';
      at = end;
      continue;
    }
    const tag = dialect === 'postgresql' ? match(DOLLAR_TAG, at) : null;
    if (tag !== null) {
      const end = sql.indexOf(tag, at + tag.length);
      if (end === -1) return `a text in ${tag} has no end`;
      tokens.push({ kind: 'string', text: sql.slice(at + tag.length, end), at });
      at = end + tag.length;
      continue;
    }
    const quote = quoteAt(sql, at, dialect);
    if (quote !== null) {
      const end = endOfQuote(sql, quote);
      if (end === null) return `a text in ${quote.close} has no end`;
      tokens.push({ kind: quote.kind, text: sql.slice(quote.from, end - 1), at });
      at = end;
      continue;
    }
    const word = match(WORD, at);
    const number = word === null ? match(NUMBER, at) : null;
    const text = word?.toLowerCase() ?? number ?? String.fromCodePoint(sql.codePointAt(at) ?? 0);
    tokens.push({ kind: word === null ? (number === null ? 'sign' : 'number') : 'word', text, at });
    at += word?.length ?? number?.length ?? text.length;
  }
  return tokens;
}

interface Quote {
  kind: 'quoted' | 'string';
  close: string;
  /** Of the first character inside. */
  from: number;
  /** Whether a backslash escapes the next character. */
  escapes: boolean;
}

function quoteAt(sql: string, at: number, dialect: SqlDialect): Quote | null {
  const [first = '', second = ''] = sql.slice(at, at + 2);
  const quote = (kind: Quote['kind'], close: string): Quote => ({ kind, close, from: at + 1, escapes: false });
  if (dialect === 'mysql') {
    if (first === '`') return quote('quoted', '`');
    return first === "'" || first === '"' ? { ...quote('string', first), escapes: true } : null;
  }
  if (first === "'") return quote('string', "'");
  if (first === '"') return quote('quoted', '"');
  if (dialect === 'sqlite') {
    if (first === '`') return quote('quoted', '`');
    return first === '[' ? quote('quoted', ']') : null;
  }
  return /[eE]/.test(first) && second === "'" ? { kind: 'string', close: "'", from: at + 2, escapes: true } : null;
}

/** The place behind the closing quote; null if there is none. A doubled quote is a part of the text. */
function endOfQuote(sql: string, { close, from, escapes }: Quote): number | null {
  for (let at = from; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at++;
    else if (sql[at] === close) {
      if (sql[at + 1] !== close || close === ']') return at + 1;
      at++;
    }
  }
  return null;
}

/** PostgreSQL's comments nest. SQLite's do not, and one without an end reaches to the end of the text. */
function endOfComment(sql: string, from: number, dialect: SqlDialect): number | null {
  let depth = 1;
  for (let at = from + 2; at < sql.length; at++) {
    if (sql.startsWith('*/', at)) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    } else if (dialect === 'postgresql' && sql.startsWith('/*', at)) {
      depth++;
      at++;
    }
  }
  return null;
}
