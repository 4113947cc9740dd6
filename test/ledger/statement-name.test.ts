import { expect, it } from '@jest/globals';
import { statementName } from '../../src/ledger/store/statement-name.js';

it.each([
  ['COMMIT', 'COMMIT'],
  ['BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', 'BEGIN'],
  ['insert into "run" ("id", "account") values (default, $1) returning "id"', 'INSERT run'],
  ['select "name" from "account" where "name" = $1 for update', 'SELECT account'],
  ['\n  update "account" set "last_run_at" = $1', 'UPDATE account'],
  ['delete from "unconfirmed" where "account" = $1', 'DELETE unconfirmed'],
  ['with picked as (select 1 from "snapshot") select 1 from "plumbline"."run"', 'WITH run'],
  ['select (select max(a) from "event" where (b)) as c from "plumbline"."account" where "name" = $1', 'SELECT account'],
  ['select extract(epoch from clock_timestamp()) from "account" where 1 = 1', 'SELECT account'],
  ["select 'a secret value'", 'SELECT'],
  ['', 'SQL'],
])('%j is shown as %s, without its values', (text, name) => {
  expect(statementName(text)).toBe(name);
});
