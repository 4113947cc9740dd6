import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { noText, type Answer, type Cell, type Query } from './query-rows.js';
import { SQLITE_PROGRAM } from './sqlite-program.js';

export interface SqliteRead {
  path: string;
  deadlineMs: number;
  /** Ends the read by killing its process. */
  signal: AbortSignal;
  /** Options of Node for the process; for tests. */
  nodeOptions?: readonly string[] | undefined;
}

/** An error of SQLite, or of the process that reads it. */
export class SqliteError extends Error {
  constructor(
    readonly query: string | null,
    /** Node's code, such as ERR_SQLITE_ERROR. */
    readonly code: string,
    /** SQLite's result code; null if it is not SQLite's error. */
    readonly number: number | null,
    message: string,
  ) {
    super(message);
  }
}

const cell = z.union([z.null(), z.string(), z.tuple([z.enum(['real', 'blob']), z.string()])]);
const lineSchema = z.union([
  z.object({ query: z.string(), columns: z.array(z.string()) }),
  z.object({ rows: z.array(z.array(cell)) }),
  z.object({ done: z.literal(true) }),
  z.object({
    error: z.object({
      query: z.string().nullable(),
      code: z.string(),
      number: z.number().nullable(),
      message: z.string(),
    }),
  }),
]);

/** Characters of the process's stderr that are kept. */
const KEPT_STDERR = 500;

/**
 * Runs the queries in one transaction of a connection that can only read. Works beside a writer, in WAL mode without making
 * it wait. Integers and texts keep their text; floats have the shortest text that means the same number.
 *
 * @throws SqliteError; the errors of `answerOf`; when the signal aborts, any error
 */
export async function readSqlite<Name extends string>(
  { path, deadlineMs, signal, nodeOptions = [] }: SqliteRead,
  queries: readonly Query<Name>[],
  answerOf: (query: Query<Name>) => Answer,
): Promise<void> {
  signal.throwIfAborted();
  const args = [...nodeOptions, '--no-warnings', '-e', SQLITE_PROGRAM];
  // It needs no variables, so it gets no secrets.
  const child = spawn(process.execPath, args, { env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit').catch((error: unknown) => error);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (stderr.length < KEPT_STDERR) stderr = (stderr + chunk.toString('utf8')).slice(0, KEPT_STDERR);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify({ path, busyMs: deadlineMs, queries }));
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    const isWhole = await readLines(child, queries, answerOf);
    signal.throwIfAborted();
    if (isWhole) return;
    throw new SqliteError(null, 'ERR_CHILD', null, `the process that reads it ended early: ${stderr.trim()}`);
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    await exited;
  }
}

/** Whether the process said that it was done. */
async function readLines<Name extends string>(
  { stdout }: ChildProcess,
  queries: readonly Query<Name>[],
  answerOf: (query: Query<Name>) => Answer,
): Promise<boolean> {
  if (stdout === null) return false;
  let answer: Answer | null = null;
  let names: readonly string[] = [];
  for await (const text of createInterface({ input: stdout, crlfDelay: Infinity })) {
    const line = lineSchema.parse(JSON.parse(text));
    if ('done' in line) return true;
    if ('error' in line) {
      const { query, code, number, message } = line.error;
      throw new SqliteError(query, code, number, message);
    }
    if ('query' in line) {
      const query = queries.find((each) => each.name === line.query);
      if (query === undefined) throw new RangeError(`there is no query ${line.query}`);
      answer = answerOf(query);
      names = line.columns;
      answer.columns(names.map((column) => ({ name: column, type: 'other' })));
      continue;
    }
    if (answer === null) throw new RangeError('rows come before their columns');
    for (const row of line.rows) answer.row(cellsOf(row, names, answer));
  }
  return false;
}

function cellsOf(row: readonly z.infer<typeof cell>[], names: readonly string[], answer: Answer): Cell[] {
  return row.map((value, index) => {
    if (value === null || typeof value === 'string') return value;
    const [kind, text] = value;
    if (kind === 'blob') return noText(`a blob of ${text} bytes`);
    answer.float(names[index] ?? '');
    return text;
  });
}
