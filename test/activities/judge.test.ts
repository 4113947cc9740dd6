import { describe, expect, it } from '@jest/globals';
import { judgeObservations } from '../../src/activities/judge.js';
import type { JudgeAnswer, JudgeRequest } from '../../src/activities/activity-messages.js';
import { DEFAULT_POLICY } from '../../src/domain/policy/policy.js';
import type { VenueActionQuestion } from '../../src/exchange/exchange-reader.js';
import type { Ledger, StoredObservation } from '../../src/ledger/contract/ledger.js';
import { BTC, NOON, order, position, sides } from '../domain/snapshots.js';
import { MemoryLedger } from '../simulation/memory-ledger.js';

/** Observations in which the exchange moves on, by the second of its clock and of the bot's state. */
function observations(...seconds: [exchange: number, internal: number][]): StoredObservation[] {
  return seconds.map(([at, writtenAt], index) => {
    const moving = position({ amount: `0.${index + 1}`, changedAt: NOON + at * 1000 });
    const [exchange, internal] = sides(
      { asOf: NOON + at * 1000, positions: [moving] },
      { asOf: NOON - 200_000 + writtenAt * 1000, positions: [position({ amount: '7' })] },
    );
    return { number: index + 1, exchange, internal };
  });
}

function judge(stored: StoredObservation[]): Promise<JudgeAnswer> {
  const ledger = new MemoryLedger();
  ledger.observations = stored;
  const key = { account: 'main', workflowRunId: 'run', runNumber: 1 };
  const startedAt = new Date(NOON).toISOString();
  const request = { key, look: stored.length, trigger: 'schedule', startedAt, policy: DEFAULT_POLICY } as const;
  return judgeObservations(ledger as unknown as Ledger, { ...request, explain: false, retryBudgetMs: 0 }, null);
}

describe('state whose clock stands still', () => {
  it('again after a restart do not count from the time before it', async () => {
    const restarted = judge(observations([0, 0], [100, 90], [200, 0], [301, 0]));
    await expect(restarted).resolves.toMatchObject({ kind: expect.any(String) });
  });

  it('for longer than they may are a frozen bot: no verdict is made of them', async () => {
    const frozen = judge(observations([0, 0], [100, 0], [200, 0], [301, 0]));
    await expect(frozen).rejects.toMatchObject({ failure: { kind: 'internal_stale', where: 'as_of' } });
    await expect(frozen).rejects.toThrow('for 301 s; at most 300 s are accepted');
  });

  it('of one of several sources is named', async () => {
    const stored = observations([0, 0], [100, 100], [200, 200], [301, 301]).map((each, index) => ({
      ...each,
      internal: {
        ...each.internal,
        sources: [
          { name: 'grid', asOf: each.internal.asOf },
          { name: 'trend', asOf: NOON - 200_000 + (index === 0 ? -1000 : 0) },
        ],
      },
    }));
    await expect(judge([...stored.slice(1), ...stored.slice(3)])).resolves.toMatchObject({ kind: 'look_again' });
    const frozen = stored.map((each) => ({
      ...each,
      internal: {
        ...each.internal,
        sources: [
          { name: 'grid', asOf: each.internal.asOf },
          { name: 'trend', asOf: NOON },
        ],
      },
    }));
    await expect(judge(frozen)).rejects.toThrow('source "trend": as_of has been 2026');
  });

  it('for no longer are those of a bot that writes them now and then, however much the exchange moves', async () => {
    expect(await judge(observations([0, 0], [10, 0], [20, 0], [300, 0]))).toMatchObject({ kind: 'look_again' });
    expect(await judge(observations([0, 0], [200, 0], [210, 60], [310, 60], [500, 60]))).toMatchObject({
      kind: 'look_again',
    });
  });
});

describe('a position that lost on the exchange', () => {
  const gone = (at: number): StoredObservation[] =>
    [0, 10, 20, 30, 40].map((second, index) => {
      const [exchange, internal] = sides(
        { asOf: at + second * 1000, positions: [] },
        { asOf: at + second * 1000, positions: [position({ amount: '0.5', changedAt: NOON - 3_600_000 })] },
      );
      return { number: index + 1, exchange, internal };
    });
  const request = (policy = DEFAULT_POLICY): JudgeRequest => ({
    key: { account: 'main', workflowRunId: 'run', runNumber: 1 },
    look: 5,
    trigger: 'schedule',
    startedAt: new Date(NOON).toISOString(),
    policy: { ...policy, graceSeconds: 0 },
    explain: true,
    retryBudgetMs: 0,
  });

  it('is not judged if the exchange may not be asked for venue actions', async () => {
    const ledger = new MemoryLedger();
    ledger.observations = gone(NOON);
    expect(await judgeObservations(ledger as unknown as Ledger, request(), null)).toEqual({
      kind: 'needs_explanation',
    });
  });

  it('has the venue actions since the last verdict as its cause', async () => {
    const ledger = new MemoryLedger();
    ledger.observations = gone(NOON);
    const asked: VenueActionQuestion[] = [];
    await judgeObservations(ledger as unknown as Ledger, request(), {
      missingOrders: async () => [],
      venueActions: async (question) => {
        asked.push(question);
        return [{ kind: 'liquidation', symbol: BTC, change: '-0.5', price: '55000', at: NOON }];
      },
    });
    const [clock] = ledger.observations.slice(-1).map(({ exchange }) => exchange.asOf);
    expect(asked).toEqual([{ since: (clock ?? 0) - 24 * 3_600_000, symbols: [BTC], currencies: [] }]);
    const [verdict] = ledger.verdicts;
    expect(verdict?.record.causes).toMatchObject([{ kind: 'liquidation', identities: verdict?.opened }]);
  });
});

it('records the bot’s own way with the remedy, and position modes that differ', async () => {
  const ledger = new MemoryLedger();
  const read = (internalMode: 'one-way' | 'hedge'): StoredObservation[] =>
    [0, 10, 20, 30, 40].map((second, index) => {
      const at = { asOf: NOON + second * 1000 };
      const [exchange, internal] = sides(
        { ...at, positions: [position({ amount: '0.7', changedAt: NOON - 3_600_000 })] },
        {
          ...at,
          positionMode: internalMode,
          positions: [position({ changedAt: NOON - 3_600_000 })],
          bots: [{ kind: 'freqtrade', trades: { [BTC]: { ids: ['7'], count: 1 } } }],
        },
      );
      return { number: index + 1, exchange, internal };
    });
  for (const mode of ['one-way', 'hedge'] as const) {
    ledger.observations = read(mode);
    await judgeObservations(
      ledger as unknown as Ledger,
      {
        key: { account: 'main', workflowRunId: 'run', runNumber: 1 },
        look: 5,
        trigger: 'schedule',
        startedAt: new Date(NOON).toISOString(),
        policy: { ...DEFAULT_POLICY, graceSeconds: 0 },
        explain: false,
        retryBudgetMs: 0,
      },
      null,
    );
  }
  const [same, differ] = ledger.verdicts.map(({ record }) => record);
  expect(same?.confirmed[0]?.remedy).toContain('(in Freqtrade: `/reload_trade 7` in Telegram, or');
  expect(same?.positions).toEqual({ exchange: 1, internal: 1 });
  expect(differ?.positions).toEqual({
    exchange: 1,
    internal: 1,
    modes: { exchange: 'one-way', internal: 'hedge' },
  });
});

describe('an order that the list of open orders leaves out, while the exchange says that it is open', () => {
  const left: JudgeRequest = {
    key: { account: 'main', workflowRunId: 'run', runNumber: 1 },
    look: 5,
    trigger: 'schedule',
    startedAt: new Date(NOON).toISOString(),
    policy: { ...DEFAULT_POLICY, graceSeconds: 0 },
    explain: true,
    retryBudgetMs: 0,
  };

  it('is unconfirmed, and not gone', async () => {
    const ledger = new MemoryLedger();
    ledger.observations = [0, 10, 20, 30, 40].map((second, index) => {
      const at = { asOf: NOON + second * 1000 };
      const [exchange, internal] = sides(
        { ...at },
        { ...at, orders: [order(), order({ id: '18', clientOrderId: null })] },
      );
      return { number: index + 1, exchange, internal };
    });
    const reported = { filled: null, averagePrice: null, at: null };
    await judgeObservations(ledger as unknown as Ledger, left, {
      missingOrders: async () => [
        { ...reported, cause: 'unknown', source: 'order query: the order is open', stillOpen: true },
        { ...reported, cause: 'canceled', source: 'order query' },
      ],
      venueActions: async () => [],
    });
    const [verdict] = ledger.verdicts;
    expect(verdict?.record).toMatchObject({
      confirmed: [{ difference: { orderId: '18', explanation: { cause: 'canceled' } } }],
      unconfirmed: [
        { type: 'ORDER_MISSING_ON_EXCHANGE', symbol: BTC, reason: expect.stringContaining('the order is open') },
      ],
    });
  });
});
