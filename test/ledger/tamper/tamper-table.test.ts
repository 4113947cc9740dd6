import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isTaken, SHARE } from '../../support/thorough.js';
import { columnsOf, tampersOf, type Tamper } from './cases.js';
import { readListed } from './listed.js';
import { ROLES, TamperStage, type Role } from './stage.js';

const listed = readListed();
const used = new Set<string>();
/** `npm test` tries one of so many changes, and all that `docs/tampering.md` lists. */
const ONE_OF = 4;
const TABLES = [
  'account',
  'channel',
  'deployment',
  'discrepancy',
  'event',
  'execution',
  'intervention',
  'intervention_request',
  'migration',
  'notification',
  'pushed_state',
  'request_budget',
  'roster',
  'roster_head',
  'run',
  'sighting',
  'snapshot',
  'snapshot_body',
  'trail',
  'unsettled',
  'worker',
];

let stage: TamperStage;
beforeAll(async () => {
  stage = await TamperStage.start();
}, 60_000);
afterAll(async () => stage.stop());

/** `refused`, `found`, `listed`, or what is wrong. */
async function resultOf(role: Role, { name, statements }: Tamper): Promise<string> {
  const attempt = await stage.attempt(role, statements);
  if (attempt.outcome !== 'done') return attempt.outcome;
  const { accounts, database = [] } = attempt.report;
  const faults = accounts.flatMap((one) => one.faults);
  if (faults.length > 0 || database.length > 0) return 'found';
  const reason = listed.find(({ pattern }) => pattern.test(name));
  if (reason === undefined) return 'UNFOUND';
  used.add(reason.name);
  return 'listed';
}

function isTried({ name }: Tamper, number: number): boolean {
  return isTaken(number, ONE_OF) || listed.some(({ pattern }) => pattern.test(name));
}

async function resultsOf(tampers: readonly Tamper[], roles: readonly Role[] = ROLES): Promise<string[]> {
  const bad: string[] = [];
  for (const role of roles) {
    const counts: Record<string, number> = {};
    for (const tamper of tampers) {
      let result: string;
      try {
        result = await resultOf(role, tamper);
      } catch (error) {
        result = `EXCEPTION ${error instanceof Error ? error.message : String(error)}`;
      }
      counts[result] = (counts[result] ?? 0) + 1;
      if (!['refused', 'nothing', 'found', 'listed'].includes(result)) bad.push(`${role}: ${tamper.name}: ${result}`);
    }
    const path = process.env['TAMPER_COUNTS'];
    if (path !== undefined) appendFileSync(path, `${JSON.stringify({ first: tampers[0]?.name, role, counts })}\n`);
  }
  return bad;
}

it('nothing is found in a ledger that nobody touched', async () => {
  expect((await stage.verify()).accounts.flatMap(({ faults }) => faults)).toEqual([]);
  expect((await stage.verify()).database).toBeUndefined();
});

describe(`whatever is done to a table is refused, found or listed (${SHARE})`, () => {
  it('and every table is here', async () => {
    expect([...(await columnsOf(stage)).keys()]).toEqual(TABLES);
  });

  it.each(TABLES)(
    '%s',
    async (table) => {
      const columns = (await columnsOf(stage)).get(table) ?? [];
      const tampers = await tampersOf(stage, table, columns);
      expect(await resultsOf(tampers.filter(isTried))).toEqual([]);
    },
    300_000,
  );
});

it('and nothing is listed in docs/tampering.md that was not needed', () => {
  expect([...used].toSorted()).toEqual(listed.map(({ name }) => name).toSorted());
});
