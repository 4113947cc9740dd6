import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';
import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { BTC, ETH, NOON, order, position, snapshot } from '../domain/snapshots.js';
import { LedgerUnderTest } from './ledger-under-test.js';
import { failed, openedOutside, runKey, verdict } from './records.js';

const under = LedgerUnderTest.forThisFile();
let ledger: Ledger;
let elsewhere: Ledger;
let main: string;
beforeEach(() => {
  ({ ledger, elsewhere, main } = under);
});

async function count(table: 'snapshot' | 'snapshot_body'): Promise<number> {
  const rows = await under.query<{ count: string }>(`SELECT count(*) FROM plumbline.${table} WHERE account = $1`, [
    main,
  ]);
  return Number(rows[0]?.count);
}

/** Waits until that many statements of this ledger wait for a lock. */
async function waitingForLocks(count: number): Promise<void> {
  for (;;) {
    // Not in a transaction, which would keep seeing the list of connections as first read.
    await under.query('SELECT pg_stat_clear_snapshot()');
    const waiting = await under.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (waiting.length >= count) return;
    await setImmediate();
  }
}

async function putObservation(run: number, observation: number, exchange: Partial<Snapshot> = {}): Promise<void> {
  await ledger.putSnapshot(runKey(run, main), observation, { ...snapshot('exchange'), ...exchange });
  await ledger.putSnapshot(runKey(run, main), observation, snapshot('internal'));
}

describe('observations', () => {
  it('come back exactly as they were put, in order', async () => {
    const exchange = snapshot('exchange', {
      positions: [position({ amount: '0.500' }), position({ symbol: ETH, amount: '1e-8', changedAt: null })],
      orders: [order({ id: '9', clientOrderId: null, amount: null }), order({ id: null, clientOrderId: 'ü\0\uD800' })],
      balances: [{ currency: 'USDT', total: '1000.000000000000000001' }],
      gaps: [{ scope: 'orders:conditional', reason: 'HTTP 500 "oops"' }],
      positionMode: null,
      readStartedAt: NOON - 5,
      readEndedAt: NOON + 7,
      asOf: NOON - 100_000,
    });
    for (const observation of [2, 1]) {
      await ledger.putSnapshot(runKey(1, main), observation, { ...exchange, asOf: NOON + observation });
      await ledger.putSnapshot(runKey(1, main), observation, snapshot('internal', { asOf: NOON - observation }));
    }
    const observations = await elsewhere.loadObservations(runKey(1, main));
    expect(observations.map(({ number, internal }) => [number, internal.asOf])).toEqual([
      [1, NOON - 1],
      [2, NOON - 2],
    ]);
    const [first] = observations;
    const inAnyOrder = (taken: Snapshot | undefined) => ({
      ...taken,
      scopes: taken?.scopes.toSorted(),
      orders: taken?.orders.toSorted((a, b) => String(a.id).localeCompare(String(b.id))),
      positions: taken?.positions.toSorted((a, b) => a.symbol.localeCompare(b.symbol)),
    });
    expect(inAnyOrder(first?.exchange)).toEqual(inAnyOrder({ ...exchange, asOf: NOON + 1 }));
    expect(inAnyOrder(first?.internal)).toEqual(inAnyOrder(snapshot('internal', { asOf: NOON - 1 })));
  });

  it('are at hand in the process that put them, and loaded by another', async () => {
    const positions = [position(), position({ symbol: ETH, amount: '2' })];
    await putObservation(1, 1, { positions, asOf: NOON + 1 });
    await putObservation(1, 2, { positions: positions.slice(0, 1), asOf: NOON + 2 });
    await under.query('UPDATE plumbline.snapshot_body SET deflated = $1 WHERE account = $2', [Buffer.from('?'), main]);
    const observations = await ledger.loadObservations(runKey(1, main));
    expect(observations.map(({ number, exchange }) => [number, exchange.asOf, exchange.positions.length])).toEqual([
      [1, NOON + 1, 2],
      [2, NOON + 2, 1],
    ]);
    await expect(elsewhere.loadObservations(runKey(1, main))).rejects.toMatchObject({ failure: { kind: 'ledger' } });
  });

  it('are only those of the run asked for, and only those of which both sides are there', async () => {
    await putObservation(1, 1);
    await putObservation(2, 1);
    await ledger.putSnapshot(runKey(2, main), 2, snapshot('exchange'));
    expect((await elsewhere.loadObservations(runKey(2, main))).map(({ number }) => number)).toEqual([1]);
    expect(await elsewhere.loadObservations({ ...runKey(2, main), workflowRunId: 'other' })).toEqual([]);
  });

  it('of an account that nobody registered are refused', async () => {
    await expect(ledger.putSnapshot(runKey(1, 'nobody'), 1, snapshot('exchange'))).rejects.toMatchObject({
      failure: { kind: 'configuration', message: 'The ledger does not know the account "nobody".' },
    });
  });
});

describe('a receipt', () => {
  it('counts, names scopes and digests the content without its times', async () => {
    const orders = [order({ id: '1' }), order({ id: '2' })];
    const first = await ledger.putSnapshot(runKey(1, main), 1, snapshot('exchange', { orders }));
    expect(first).toMatchObject({ side: 'exchange', positions: 0, orders: 2, gaps: 0 });
    expect(first.scopes).toEqual(['positions', 'orders', 'balances']);
    expect(first.digest).toMatch(/^[0-9a-f]{64}$/);

    const later = { readStartedAt: NOON + 9, readEndedAt: NOON + 10, asOf: NOON + 11 };
    const digestOf = async (observation: number, fields: Partial<Snapshot>) =>
      (await ledger.putSnapshot(runKey(1, main), observation, snapshot('exchange', { orders, ...fields }))).digest;
    expect(await digestOf(2, later)).toBe(first.digest);
    expect(await digestOf(3, { orders: orders.toReversed() })).toBe(first.digest);
    expect(await digestOf(4, { orders: [order({ id: '1' })] })).not.toBe(first.digest);
    expect(await digestOf(5, { positionMode: 'hedge' })).not.toBe(first.digest);
    expect(await digestOf(6, { scopes: ['positions'] })).not.toBe(first.digest);
  });
});

describe('a snapshot that is delivered again', () => {
  it('replaces the first where its read began later, and does not where it began earlier', async () => {
    const put = async (asOf: number, readStartedAt: number) =>
      ledger.putSnapshot(runKey(1, main), 1, snapshot('exchange', { asOf, readStartedAt }));
    const first = await put(NOON, NOON);
    expect((await put(NOON + 50, NOON + 50)).snapshotId).toBe(first.snapshotId);
    expect((await put(NOON + 20, NOON + 20)).snapshotId).toBe(first.snapshotId);
    await ledger.putSnapshot(runKey(1, main), 1, snapshot('internal'));
    const [observation] = await elsewhere.loadObservations(runKey(1, main));
    expect(observation?.exchange.asOf).toBe(NOON + 50);
  });

  it('changes nothing once the run has its verdict', async () => {
    await putObservation(1, 1);
    await ledger.recordVerdict(verdict(1, {}, main));
    await putObservation(1, 1, { asOf: NOON + 99, readStartedAt: NOON + 99, orders: [order()] });
    await putObservation(1, 2);
    const observations = await elsewhere.loadObservations(runKey(1, main));
    expect(observations.map(({ number, exchange }) => [number, exchange.asOf, exchange.orders])).toEqual([
      [1, NOON, []],
    ]);
    expect((await ledger.verify(main)).accounts[0]?.faults).toEqual([]);
  });
});

describe('what is alike', () => {
  it('is stored once per account', async () => {
    for (let run = 1; run <= 3; run++) await putObservation(run, 1, { positions: [position({ symbol: BTC })] });
    expect([await count('snapshot'), await count('snapshot_body')]).toEqual([6, 2]);
  });

  it('is stored once although it arrives many times at once', async () => {
    const puts = Array.from({ length: 8 }, async (_, index) =>
      ledger.putSnapshot(runKey(1, main), index + 1, snapshot('exchange', { orders: [order()] })),
    );
    expect(new Set((await Promise.all(puts)).map(({ digest }) => digest)).size).toBe(1);
    expect(await count('snapshot_body')).toBe(1);
  });
});

describe('pruning', () => {
  /** Recording uses the database's clock; these runs happened long ago. */
  async function age(days: number): Promise<void> {
    await under.query('ALTER TABLE plumbline.run DISABLE TRIGGER ALL');
    await under.query(`UPDATE plumbline.run SET ended_at = ended_at - make_interval(days => $1) WHERE account = $2`, [
      days,
      main,
    ]);
    await under.query('ALTER TABLE plumbline.run ENABLE TRIGGER ALL');
    await under.query('ALTER TABLE plumbline.run ENABLE ALWAYS TRIGGER run_is_append_only');
    await under.query(
      `UPDATE plumbline.snapshot SET stored_at = stored_at - make_interval(days => $1) WHERE account = $2`,
      [days, main],
    );
  }
  const runsWithEvidence = async (): Promise<number[]> => {
    const rows = await under.query<{ run: string }>(
      `SELECT DISTINCT run_number AS run FROM plumbline.snapshot WHERE account = $1 ORDER BY 1`,
      [main],
    );
    return rows.map(({ run }) => Number(run));
  };

  it('takes the evidence of old clean runs, and no other', async () => {
    const moving = { identity: 'x', type: 'POSITION_SIZE_CHANGED' as const, symbol: BTC, reason: 'moved' };
    const found = openedOutside();
    for (const run of [1, 2, 3, 4, 5]) await putObservation(run, 1, { orders: [order({ id: String(run) })] });
    await ledger.recordVerdict(verdict(1, {}, main));
    await ledger.recordVerdict(verdict(2, { unconfirmed: [moving] }, main));
    await ledger.recordVerdict(verdict(3, { confirmed: [found] }, main));
    await ledger.recordFailure(failed(4, {}, main));
    await age(31);
    await ledger.recordVerdict(verdict(5, { agreed: [found.identity] }, main));
    await putObservation(6, 1);

    expect(await ledger.pruneEvidence(32)).toEqual({ deleted: 0 });
    expect(await ledger.pruneEvidence(30)).toEqual({ deleted: 2 });
    expect(await runsWithEvidence()).toEqual([2, 3, 4, 5, 6]);
    expect(await ledger.pruneEvidence(30)).toEqual({ deleted: 0 });
  });

  it('takes the evidence of runs that were never recorded, once the last of it is old', async () => {
    /** These observations were stored long ago. */
    const stored = async (run: number, observation: number, days: number): Promise<void> => {
      await under.query(
        `UPDATE plumbline.snapshot SET stored_at = stored_at - make_interval(days => $1)
         WHERE account = $2 AND run_number = $3 AND look = $4`,
        [days, main, run, observation],
      );
    };
    await ledger.pruneEvidence(0);
    for (const run of [1, 2, 3, 4, 5]) {
      for (const observation of [1, 2])
        await putObservation(run, observation, { orders: [order({ id: `${run}/${observation}` })] });
    }
    for (const observation of [1, 2]) {
      for (const run of [1, 3, 4]) await stored(run, observation, 31);
      await stored(5, observation, 2);
    }
    // A run whose workers were down between its two observations.
    await stored(2, 1, 31);
    await ledger.recordVerdict(verdict(3, { confirmed: [openedOutside()] }, main));
    await ledger.recordFailure(failed(4, {}, main));

    expect(await ledger.pruneEvidence(32)).toEqual({ deleted: 0 });
    expect(await ledger.pruneEvidence(30)).toEqual({ deleted: 4 });
    expect(await runsWithEvidence()).toEqual([2, 3, 4, 5]);
    expect(await elsewhere.loadObservations(runKey(2, main))).toHaveLength(2);
    // However little is to be kept, a run of today may still be in progress.
    expect(await ledger.pruneEvidence(0)).toEqual({ deleted: 4 });
    expect(await runsWithEvidence()).toEqual([2, 3, 4]);
    expect(await count('snapshot_body')).toBe(7);
    expect((await ledger.verify(main)).accounts[0]?.faults).toEqual([]);
  });

  it('keeps a body for as long as any snapshot shares it, and leaves a ledger without fault', async () => {
    await ledger.pruneEvidence(0);
    await putObservation(1, 1);
    await putObservation(2, 1);
    await putObservation(2, 2, { orders: [order({ id: randomUUID() })] });
    await ledger.recordVerdict(verdict(1, {}, main));
    await ledger.recordVerdict(verdict(2, {}, main));
    expect(await count('snapshot_body')).toBe(2);
    await putObservation(3, 1);
    expect(await ledger.pruneEvidence(0)).toEqual({ deleted: 6 });
    expect([await count('snapshot'), await count('snapshot_body')]).toEqual([2, 1]);
    expect(await elsewhere.loadObservations(runKey(3, main))).toHaveLength(1);
    expect((await ledger.verify(main)).accounts[0]?.faults).toEqual([]);
  });

  it('beside new snapshots that share the pruned bodies loses none of them', async () => {
    const writer = async (): Promise<void> => {
      for (let run = 1; run <= 15; run++) {
        await putObservation(run, 1);
        await ledger.recordVerdict(verdict(run, {}, main));
        await putObservation(run + 100, 1);
      }
    };
    let writing = true;
    const written = writer().finally(() => (writing = false));
    while (writing) await ledger.pruneEvidence(0);
    await written;
    for (let run = 101; run <= 115; run++) expect(await elsewhere.loadObservations(runKey(run, main))).toHaveLength(1);
    expect((await ledger.verify(main)).accounts[0]?.faults).toEqual([]);
  }, 30_000);

  it('refuses an age that is none', async () => {
    await expect(ledger.pruneEvidence(Number.NaN)).rejects.toThrow('keepDays');
    await expect(ledger.pruneEvidence(-1)).rejects.toThrow('keepDays');
  });
});

it.each([
  ['that is known, so that one statement stores it,', 'known'],
  ['that is new', 'new'],
])('a delivery %s and waits for the verdict of its run does not replace the evidence of it', async (_, id) => {
  await putObservation(1, 1, { orders: [order({ id: 'known' })] });
  await putObservation(2, 1);
  await under.query('BEGIN');
  await under.query('SELECT 1 FROM plumbline.account WHERE account = $1 FOR UPDATE', [main]);
  const recorded = ledger.recordVerdict(verdict(2, {}, main));
  await waitingForLocks(1);
  const late = snapshot('exchange', { orders: [order({ id })] });
  const receipt = ledger.putSnapshot(runKey(2, main), 1, late);
  await waitingForLocks(2);
  await under.query('COMMIT');
  await recorded;
  const [observation] = await elsewhere.loadObservations(runKey(2, main));
  expect(observation?.exchange.orders).toEqual(snapshot('exchange').orders);
  expect(await receipt).toMatchObject({ side: 'exchange' });
  expect((await ledger.verify(main)).accounts[0]?.faults).toEqual([]);
});

it('a clean run like the one before it takes ten statements', async () => {
  const cleanRun = async (run: number): Promise<void> => {
    await putObservation(run, 1);
    await ledger.loadRun(runKey(run, main));
    await ledger.recordVerdict(verdict(run, {}, main));
  };
  await cleanRun(1);
  const query = jest.spyOn(Client.prototype, 'query');
  await cleanRun(2);
  const statements = query.mock.calls.length;
  query.mockRestore();
  expect(statements).toBeLessThanOrEqual(10);
});

it('two sides of 5,000 orders are stored and loaded in a few times what their JSON alone takes', async () => {
  const sides = (['exchange', 'internal'] as const).map((side) => {
    const orders = Array.from({ length: 5_000 }, (_, index) =>
      order({ id: String(8_389_765 + index), clientOrderId: `bot-${index}`, price: String(60_000 + index) }),
    );
    return snapshot(side, { orders });
  });
  const ratios: number[] = [];
  for (let run = 1; run <= 5; run++) {
    const began = performance.now();
    for (const side of sides) JSON.parse(JSON.stringify(side));
    const json = performance.now() - began;
    await Promise.all(sides.map(async (side) => ledger.putSnapshot(runKey(run, main), 1, side)));
    const observations = await elsewhere.loadObservations(runKey(run, main));
    ratios.push((performance.now() - began - json) / json);
    expect(observations[0]?.exchange.orders).toHaveLength(5_000);
  }
  expect(Math.min(...ratios)).toBeLessThan(10);
}, 30_000);
