import { describe, expect, it } from '@jest/globals';
import { oneSelect, type SqlDialect } from '../../src/domain/text/one-select.js';

const all: readonly SqlDialect[] = ['postgresql', 'sqlite', 'mysql'];

describe('one select', () => {
  it.each([
    'select 1',
    '  SELECT a, b FROM t -- delete from t;',
    'with x as (select 1) select * from x',
    '(select 1) union all (select 2)',
    'values (1, 2)',
    "select 'delete; from', 'it''s; into' from t",
    'select "update", t.delete, "in""to" from t',
    'select a, "it is; update" from t',
    'select /* ; drop table t */ 1',
    "select replace(a, '-', '/') from t",
    'select deleted, updated_at, insert_id from t',
    'select 1;',
    'select 1 ; ; -- the end',
  ])('is %s', (sql) => {
    for (const dialect of all) expect(oneSelect(sql, dialect)).toMatchObject({ query: expect.any(String) });
  });

  it.each([
    ['postgresql', 'select $$ ; delete from t $$ , $tag$ $$ ; $tag$'],
    ['postgresql', "select E'it\\'s; into'"],
    ['postgresql', 'select /* /* ; */ delete from */ 1'],
    ['postgresql', 'select a[1], b::text, $1 from t'],
    ['sqlite', 'select [into; t], `delete;` from t'],
    ['sqlite', "select 'a\\' from t"],
    ['mysql', 'select `delete;`, "it\\"s; into", \'it\\\'s; into\' from t'],
    ['mysql', 'select 1 # ; delete from t'],
    ['mysql', 'select 1 --\t; delete from t'],
    ['mysql', 'select a--1, `now`() from t'],
  ] as const)('of %s is %s', (dialect, sql) => {
    expect(oneSelect(sql, dialect)).toMatchObject({ query: sql });
  });

  it('has no final semicolon', () => {
    expect(oneSelect('select 1 ; -- the end', 'sqlite')).toMatchObject({ query: 'select 1' });
    expect(oneSelect("select ';'", 'sqlite')).toMatchObject({ query: "select ';'" });
  });

  it.each([
    ['', 'empty'],
    ['-- nothing', 'empty'],
    ['; select 1', 'more than one statement'],
    ['select 1; select 2', 'more than one statement'],
    ["select 1; -- ';\ndelete from t", 'more than one statement'],
    ['delete from t', 'begins with DELETE'],
    ['DROP table t', 'begins with DROP'],
    ['explain analyze delete from t', 'begins with EXPLAIN'],
    ["copy t to program 'sh'", 'begins with COPY'],
    ['set transaction read write', 'begins with SET'],
    ['commit', 'begins with COMMIT'],
    ['pragma query_only = 0', 'begins with PRAGMA'],
    ["attach 'x' as y", 'begins with ATTACH'],
    ['call f()', 'begins with CALL'],
    ['do $$ begin end $$', 'begins with DO'],
    ['with x as (delete from t returning *) select * from x', 'DELETE'],
    ['with x as (select 1) insert into t select * from x', 'INSERT'],
    ['with x as (update t set a = 1 returning *) select * from x', 'UPDATE'],
    ['with x as materialized (merge into t using u on true when matched then delete) select 1', 'MERGE'],
    ['select * into copy_of_t from t', 'INTO'],
    ['select * from t for update', 'UPDATE'],
    ['select * from t for no key update', 'UPDATE'],
    ['select * from t for share', 'SHARE'],
    ['select * from t for key share', 'SHARE'],
    ["select 'open", 'no end'],
    ['select "open', 'no end'],
    ['select /* open', 'no end'],
  ])('is not %j', (sql, words) => {
    for (const dialect of all) expect(oneSelect(sql, dialect)).toEqual({ refused: expect.stringContaining(words) });
  });

  it.each([
    ['postgresql', 'select $a$ open $$', 'no end'],
    ['postgresql', "select E'\\'; delete from t", 'no end'],
    ['postgresql', "select 'a\\'; delete from t", 'more than one statement'],
    ['postgresql', 'select [1; delete from t]', 'more than one statement'],
    ['sqlite', 'select /* /* */ ; delete from t */ 1', 'more than one statement'],
    ['sqlite', 'select $$ ; delete from t $$', 'more than one statement'],
    ['mysql', 'select 1 --; delete from t', 'more than one statement'],
    ['mysql', 'select "a\\" ; delete from t', 'no end'],
    ['mysql', 'select `a\\` ; delete from t', 'more than one statement'],
    ['mysql', 'select [1; delete from t]', 'more than one statement'],
    ['mysql', 'select 1 /*! into outfile "/tmp/x" */', 'runs or obeys'],
    ['mysql', 'select 1 /*M!100100 for update */', 'runs or obeys'],
    ['mysql', 'select /*+ max_execution_time(0) */ 1', 'runs or obeys'],
    ['mysql', 'select * from t lock in share mode', 'LOCK IN SHARE MODE'],
    ['mysql', 'select 1 into @x', 'INTO'],
    ['mysql', 'select 1.into outfile "/tmp/x"', 'INTO'],
    ['mysql', 'select 1e1into outfile "/tmp/x"', 'INTO'],
    ['mysql', 'handler t read first', 'begins with HANDLER'],
  ] as const)('of %s is not %j', (dialect, sql, words) => {
    expect(oneSelect(sql, dialect)).toEqual({ refused: expect.stringContaining(words) });
  });

  it.each([
    ['select now()', 'now()'],
    ['select pg_catalog.now()', 'now()'],
    ['select CURRENT_TIMESTAMP', 'current_timestamp'],
    ['select clock_timestamp()', 'clock_timestamp()'],
    ["select 'now'::timestamptz", "'now'"],
    ["select datetime('now')", "'now'"],
    ['select unixepoch()', 'unixepoch()'],
    ['select max(now) from t', null],
    ['select t.current_date from t', null],
    ["select datetime(seen, 'utc') from t", null],
    ['select max(seen) from t -- now()', null],
  ])('tells which clock is read by %s', (sql, readsClock) => {
    expect(oneSelect(sql, 'postgresql')).toMatchObject({ readsClock });
  });

  it.each([
    ['select utc_timestamp', 'utc_timestamp'],
    ['select sysdate()', 'sysdate()'],
    ['select unix_timestamp() * 1000', 'unix_timestamp()'],
    ['select unix_timestamp(seen) * 1000 from t', null],
    ['select max(t.utc_timestamp) from t', null],
  ])('tells which clock of MySQL is read by %s', (sql, clock) => {
    expect(oneSelect(sql, 'mysql')).toMatchObject({ readsClock: clock });
  });

  it('knows that a name may be a clock in MySQL alone', () => {
    expect(oneSelect('select max(utc_timestamp) from t', 'postgresql')).toMatchObject({ readsClock: null });
  });
});
