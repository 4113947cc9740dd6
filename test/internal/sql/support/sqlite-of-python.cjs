// Stands in for `node:sqlite` where Node is older than 22.16: the same calls on a real SQLite, Python's. Each connection is a
// process of its own, asked line by line.
'use strict';
const Module = require('node:module');
const { spawn } = require('node:child_process');
const { openSync, closeSync, readSync, writeSync, mkdtempSync, rmSync } = require('node:fs');
const { execFileSync } = require('node:child_process');
const { tmpdir } = require('node:os');
const path = require('node:path');

const SERVER = `
import ctypes, json, sqlite3, sys, urllib.parse
ctypes.CDLL(None).prctl(1, 9)  # Linux: ends with the process that asks, as SQLite inside of it would.
asked, told, path = open(sys.argv[1]), open(sys.argv[2], 'w'), sys.argv[3]
database, cursors = None, {}
def cell(value):
    if value is None or isinstance(value, str): return value
    if isinstance(value, int): return ['i', str(value)]
    if isinstance(value, float): return ['r', repr(value)]
    return ['b', len(value)]
for line in asked:
    call, *given = json.loads(line)
    try:
        if call == 'open':
            database = sqlite3.connect('file:' + urllib.parse.quote(path) + '?mode=ro', uri=True, isolation_level=None)
            answer = None
        elif call == 'exec':
            database.execute(given[0]).fetchall()
            answer = None
        elif call == 'query':
            cursor = database.execute(given[0])
            answer = [column[0] for column in cursor.description]
        elif call == 'next':
            row = cursor.fetchone()
            answer = None if row is None else [cell(value) for value in row]
        told.write(json.dumps({'answer': answer}) + '\\n')
    except sqlite3.Error as error:
        told.write(json.dumps({'error': str(error), 'number': getattr(error, 'sqlite_errorcode', 1)}) + '\\n')
    told.flush()
`;

class DatabaseSync {
  constructor(file, { readOnly }) {
    if (readOnly !== true) throw new Error('opened for writing');
    const folder = mkdtempSync(path.join(tmpdir(), 'plumbline-sqlite-'));
    const [asked, told] = [path.join(folder, 'asked'), path.join(folder, 'told')];
    execFileSync('/usr/bin/mkfifo', [asked, told]);
    spawn('/usr/bin/python3', ['-c', SERVER, asked, told, file], { stdio: 'ignore' }).unref();
    this.asked = openSync(asked, 'w');
    this.told = openSync(told, 'r');
    rmSync(folder, { recursive: true });
    this.call('open');
  }

  call(...call) {
    writeSync(this.asked, `${JSON.stringify(call)}\n`);
    const bytes = [];
    for (const byte = Buffer.alloc(1); readSync(this.told, byte) === 1 && byte[0] !== 10;) bytes.push(byte[0]);
    const { answer, error, number } = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (error === undefined) return answer;
    throw Object.assign(new Error(error), { code: 'ERR_SQLITE_ERROR', errcode: number });
  }

  exec(sql) {
    this.call('exec', sql);
  }

  prepare(sql) {
    return Object.assign(new StatementSync(), { database: this, names: this.call('query', sql) });
  }

  close() {
    closeSync(this.asked);
    closeSync(this.told);
  }
}

class StatementSync {
  setReadBigInts(isOn) {
    this.bigInts = isOn;
  }

  setReturnArrays(isOn) {
    this.arrays = isOn;
  }

  columns() {
    return this.names.map((name) => ({ name }));
  }

  *iterate() {
    if (!this.bigInts || !this.arrays) throw new Error('integers would be floats');
    for (let row = this.database.call('next'); row !== null; row = this.database.call('next')) {
      yield row.map((value) => {
        if (!Array.isArray(value)) return value;
        const [kind, content] = value;
        if (kind === 'i') return BigInt(content);
        return kind === 'r' ? Number(content) : new Uint8Array(content);
      });
    }
  }
}

const load = Module._load;
Module._load = (name, ...rest) => (name === 'node:sqlite' ? { DatabaseSync, StatementSync } : load(name, ...rest));
