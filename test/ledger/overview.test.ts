import { beforeEach, expect, it } from '@jest/globals';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Client } from 'pg';
import type { AccountOverview, Ledger } from '../../src/ledger/contract/ledger.js';
import { listOverview } from '../../src/ledger/read/overview.js';
import { NOON } from '../domain/snapshots.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { failed, openedOutside, orderPlaced, register, verdict } from './records.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
beforeEach(() => {
  ({ ledger, main } = under);
});

async function overviewOf(account: string | null): Promise<AccountOverview | undefined> {
  return (await ledger.overview(account)).find(({ totals }) => totals.account === (account ?? main));
}

it('shows the same of an account as its own listings', async () => {
  await ledger.recordVerdict(verdict(1, { confirmed: [openedOutside(), orderPlaced('7')] }, main));
  await ledger.recordFailure(failed(2, {}, main));
  await ledger.recordPause({ account: main, paused: true, by: 'ada', reason: 'deploy', requestId: 'p' });
  const reasons = [{ action: 'UNSETTLED', text: 'x', at: new Date(NOON).toISOString() }];
  await ledger.openIntervention({ account: main, interventionId: `${main}/call`, reasons });

  for (const asked of [main, null]) {
    const shown = await overviewOf(asked);
    expect(shown?.lastRun).toEqual((await ledger.runs(main, { limit: 1 }))[0]);
    expect(shown?.lastRun).toMatchObject({ runNumber: 2, outcome: 'failed' });
    expect(shown?.discrepancies).toEqual(await ledger.discrepancies(main, { state: 'open' }));
    expect(shown?.discrepancies).toHaveLength(2);
    expect(shown?.intervention).toEqual((await ledger.interventions({ account: main }))[0]);
    expect(shown?.pause).toMatchObject({ by: 'ada', reason: 'deploy' });
    expect(shown?.totals).toEqual({ ...(await ledger.account(main)), readAt: expect.any(Date) });
  }
});

it('leaves out what is not there, and accounts that were stopped unless one is asked for', async () => {
  expect(await overviewOf(main)).toMatchObject({ lastRun: null, pause: null, intervention: null, discrepancies: [] });
  await ledger.deactivateAccount(main, 'ada');
  expect(await overviewOf(null)).toBeUndefined();
  expect(await overviewOf(main)).toMatchObject({ totals: { active: false } });
  expect(await ledger.overview('nobody')).toEqual([]);
});

it('takes as many statements for many accounts as for one', async () => {
  const { ledger: elsewhere } = under;
  const client = new Client({ connectionString: under.url });
  await client.connect();
  const countStatements = async (): Promise<number> => {
    let statements = 0;
    await listOverview(drizzle({ client, logger: { logQuery: () => void statements++ } }), null);
    return statements;
  };
  const populate = async (name: string): Promise<void> => {
    await register(elsewhere, name);
    await elsewhere.recordVerdict(verdict(1, { confirmed: [openedOutside()] }, name));
    await elsewhere.recordPause({ account: name, paused: true, by: 'ada', reason: null, requestId: 'p' });
  };
  await populate(`${main}/0`);
  const before = await countStatements();
  for (let index = 1; index <= 20; index++) await populate(`${main}/${index}`);
  expect(await countStatements()).toBe(before);
  expect(before).toBeLessThanOrEqual(5);
  await client.end();
});

it('answers for each of many names at once, also for one that no account can have', async () => {
  const asked = [main, 'nobody', 'a\0b', main];
  expect((await Promise.all(asked.map(async (name) => ledger.account(name)))).map((found) => found?.account)).toEqual([
    main,
    undefined,
    undefined,
    main,
  ]);
});
