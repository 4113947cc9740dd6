import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Whether this Node reads SQLite itself. */
const HAS_SQLITE = (([major = 0, minor = 0]) => major > 22 || (major === 22 && minor >= 16))(
  process.versions.node.split('.').map(Number),
);

/** Where Node has no SQLite, the process that reads gets Python's. */
export const NODE_OPTIONS = HAS_SQLITE ? [] : ['-r', fileURLToPath(new URL('./sqlite-of-python.cjs', import.meta.url))];

/** Options for a Node that has no SQLite. */
export const WITHOUT_SQLITE = HAS_SQLITE ? ['--no-experimental-sqlite'] : [];

/** Runs statements on a SQLite file as a bot would: with another program, in WAL mode. */
export function writeSqlite(path: string, sql: string): void {
  execFileSync('python3', ['-c', WRITER, path], { input: sql });
}

const WRITER = `
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute('pragma journal_mode = wal')
database.executescript(sys.stdin.read())
`;

/**
 * The program of a bot that keeps the file open, so that what it wrote stays in the WAL: it runs each line of its input and
 * prints "done".
 */
export const LASTING_WRITER = `
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute('pragma journal_mode = wal')
database.execute('pragma wal_autocheckpoint = 0')
for line in sys.stdin:
    database.execute(line)
    print('done', flush=True)
`;
