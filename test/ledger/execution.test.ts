import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RunKey } from '../../src/domain/lifecycle/run.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { snapshot } from '../domain/snapshots.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { executionOf, failed, openedOutside, register, runKey, verdict } from './records.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let main: string;
let other: string;
beforeEach(async () => {
  ({ ledger, main } = under);
  other = `${main}-other`;
  await register(ledger, other);
});

/** A run of the other account under the execution of `main`. */
const foreignKey = (run = 7): RunKey => ({ ...runKey(run, main), account: other });
const faultsOf = async (account: string) =>
  (await ledger.verify(account)).accounts[0]?.faults.map(({ fault }) => fault);

const WRITES: [what: string, write: (key: RunKey) => Promise<unknown>][] = [
  ['a verdict', async (key) => ledger.recordVerdict({ ...verdict(1), key })],
  ['a failure', async (key) => ledger.recordFailure({ ...failed(1), key })],
  ['a snapshot', async (key) => ledger.putSnapshot(key, 1, snapshot('exchange'))],
];

describe('an execution belongs to the account of its first record', () => {
  const pairs = WRITES.flatMap(([first, bind]) =>
    WRITES.map(([second, write]) => [first, second, bind, write] as const),
  );

  it.each(pairs)('after %s, %s of another account is refused and changes nothing', async (_a, _b, bind, write) => {
    await bind(runKey(1, main));
    const before = [await ledger.account(other), await ledger.events(other)];
    await expect(write(foreignKey())).rejects.toMatchObject({
      failure: {
        kind: 'bug',
        side: 'ledger',
        message: expect.stringMatching(new RegExp(`"${other}".*${executionOf(main)}.*"${main}"`)),
      },
    });
    const after = [await ledger.account(other), await ledger.events(other)];
    expect(JSON.parse(JSON.stringify(after))).toEqual([
      { ...JSON.parse(JSON.stringify(before[0])), readAt: expect.any(String) },
      JSON.parse(JSON.stringify(before[1])),
    ]);
    expect(await ledger.loadObservations(foreignKey())).toEqual([]);
    await write(runKey(2, other));
    await bind(runKey(2, main));
    expect([await faultsOf(main), await faultsOf(other)]).toEqual([[], []]);
  });

  it('also where the account has the same snapshot already, which one statement then stores again', async () => {
    await ledger.putSnapshot(runKey(1, main), 1, snapshot('exchange'));
    await ledger.putSnapshot(runKey(1, other), 1, snapshot('exchange'));
    await expect(ledger.putSnapshot(foreignKey(), 1, snapshot('exchange'))).rejects.toThrow(main);
    const unbound = { account: other, workflowRunId: `unbound-${other}`, runNumber: 2 };
    await ledger.putSnapshot(unbound, 1, snapshot('exchange'));
    await expect(ledger.putSnapshot({ ...unbound, account: main }, 1, snapshot('exchange'))).rejects.toThrow(other);
  });

  it('also where another process bound it, and where two accounts come at once', async () => {
    await under.elsewhere.recordVerdict(verdict(1, {}, main));
    await expect(ledger.recordVerdict({ ...verdict(1), key: foreignKey() })).rejects.toThrow(main);

    const shared = `shared-${main}`;
    const outcomes = await Promise.allSettled(
      [main, other].map(async (account) =>
        ledger.recordVerdict({ ...verdict(9), key: { account, workflowRunId: shared, runNumber: 9 } }),
      ),
    );
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('and one whose record was rolled back belongs to nobody', async () => {
    const contradicting = verdict(1, { agreed: ['x'], confirmed: [] }, main);
    contradicting.confirmed.push({ ...openedOutside(), identity: 'x' });
    await expect(ledger.recordVerdict(contradicting)).rejects.toThrow(RangeError);
    await ledger.recordVerdict({ ...verdict(1), key: foreignKey() });
    expect(await faultsOf(other)).toEqual([]);
  });
});

describe('runs that an earlier version recorded under an execution of another account', () => {
  it('are faults, and are still answered', async () => {
    await ledger.recordVerdict(verdict(1, {}, main));
    await ledger.recordVerdict(verdict(1, {}, other));
    const own = { ...verdict(1), key: runKey(1, other) };
    await under.query('ALTER TABLE plumbline.execution DISABLE TRIGGER ALL');
    await under.query('UPDATE plumbline.execution SET account = $1 WHERE workflow_run_id = $2', [
      main,
      executionOf(other),
    ]);
    expect(await faultsOf(other)).toEqual([
      `run 1 was recorded under ${executionOf(other)}, which is an execution of account ${main}`,
    ]);
    expect(await ledger.recordVerdict(own)).toMatchObject({ runNumber: 1, outcome: 'matched' });
    await under.query('DELETE FROM plumbline.execution WHERE workflow_run_id = $1', [executionOf(other)]);
    await under.query('ALTER TABLE plumbline.execution ENABLE ALWAYS TRIGGER execution_is_append_only');
    expect(await faultsOf(other)).toEqual([
      `run 1 was recorded under ${executionOf(other)}, which belongs to no account`,
    ]);
  });
});
