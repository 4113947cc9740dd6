import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { mergeStatus } from '../../src/cli/status/status-view.js';
import { PLAIN } from '../../src/cli/terminal/style.js';
import { renderStatus } from '../../src/cli/render/status.js';
import { DEMO_TRADING_CREDENTIALS } from '../../packages/exchange-simulator/src/simulator.js';
import { uniqueTaskQueue } from '../support/temporal.js';
import { oneWay } from './support/drift-cases.js';
import { startSimulatedWorld, type SimulatedAccount, type SimulatedWorld } from './support/simulated-world.js';

const PATIENCE_MS = 240_000;

let world: SimulatedWorld;
const taskQueue = uniqueTaskQueue('scopes');

beforeAll(async () => {
  world = await startSimulatedWorld();
  await world.startWorker(taskQueue);
}, PATIENCE_MS);

afterAll(async () => world.close(), PATIENCE_MS);

describe('a run in which one scope cannot be read', () => {
  let account: SimulatedAccount;

  /** Everything that a run may open, resolve or count as seen. */
  const openState = async () => {
    const totals = await world.ledger.account(account.name);
    return {
      discrepancies: await world.ledger.discrepancies(account.name),
      open: totals?.openDiscrepancies,
      counted: totals?.discrepancyTotal,
    };
  };

  beforeAll(async () => {
    account = await world.addAccount({ taskQueue, reconciliation: { failure_threshold: 1_000 } });
    await oneWay(account);
    await account.start();
    await account.runUntil(1);
    // One discrepancy is open. Then its cause disappears, and another appears: a complete observation would resolve one
    // and open the other.
    await account.hand.post('/sim/orders', {
      actor: 'manual',
      symbol: 'SOL/USDT:USDT',
      side: 'buy',
      type: 'market',
      amount: '5',
    });
    const { openDiscrepancies } = await account.runNow();
    if (openDiscrepancies !== 1) throw new Error(`one discrepancy should stand, not ${openDiscrepancies}`);
    await account.hand.post('/sim/orders', {
      actor: 'manual',
      symbol: 'SOL/USDT:USDT',
      side: 'sell',
      type: 'market',
      amount: '5',
    });
    await account.hand.post('/sim/orders', {
      actor: 'manual',
      symbol: 'BTC/USDT:USDT',
      side: 'buy',
      type: 'limit',
      price: '40000',
      amount: '0.1',
    });
  }, PATIENCE_MS);

  it.each([
    ['positions', { endpoint: '/fapi/v3/positionRisk', kind: 'empty' }, /\(positions:linear\)/],
    [
      'regular orders',
      { endpoint: '/fapi/v1/openOrders', kind: 'wrong_json', body: '{}' },
      /\(orders:regular:linear\)/,
    ],
    ['conditional orders', { endpoint: '/fapi/v1/openAlgoOrders', kind: 'truncated' }, /\(orders:conditional:linear\)/],
    [
      "the bot's state",
      { endpoint: '/bot/state', kind: 'wrong_json', body: '{"version":1,"scopes":["positions"]}' },
      /as_of|positions/,
    ],
  ])(
    'fails for %s, names the scope, and neither opens nor resolves anything',
    async (_name, fault, named) => {
      const before = await openState();
      expect(before.discrepancies).toMatchObject([{ state: 'open', symbol: 'SOL/USDT:USDT', timesSeen: 1 }]);
      const sequence = (await account.events()).length;
      await account.hand.post('/sim/faults', { ...fault, times: 1 });

      const run = await account.runNow();

      expect(run).toMatchObject({
        outcome: 'failed',
        discrepancies: 0,
        opened: [],
        resolved: 0,
        openDiscrepancies: 1,
        failure: { kind: 'unreadable', message: expect.stringMatching(named) as unknown },
        calls: [],
      });
      expect(await openState()).toEqual(before);
      const reported = (await account.events()).slice(sequence);
      expect(reported.map(({ type, payload }) => [type, payload['reason']])).toEqual([
        ['RECONCILIATION_FAILED', expect.stringMatching(named)],
      ]);
      expect(await account.faults()).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'while a complete observation does both',
    async () => {
      expect(await account.runNow()).toMatchObject({
        outcome: 'drifted',
        resolved: 1,
        opened: [{ type: 'ORDER_PLACED_EXTERNALLY' }],
      });
      expect((await openState()).discrepancies).toMatchObject([
        { state: 'open', symbol: 'BTC/USDT:USDT' },
        { state: 'resolved', symbol: 'SOL/USDT:USDT' },
      ]);
    },
    PATIENCE_MS,
  );
});

describe('an account whose key can trade', () => {
  it(
    'is asked about its key once in many runs, recorded once, and warned of in status',
    async () => {
      const account = await world.addAccount({ taskQueue, credentials: DEMO_TRADING_CREDENTIALS });
      await oneWay(account);
      await account.start();
      await account.runUntil(3);

      const { by_endpoint } = z
        .object({ by_endpoint: z.record(z.string(), z.number()) })
        .parse(await account.hand.get('/sim/requests'));
      expect(by_endpoint['GET /binanceusdm/sapi/v1/account/apiRestrictions']).toBe(1);
      expect(by_endpoint['GET /binanceusdm/fapi/v1/openOrders']).toBeGreaterThanOrEqual(3);
      const events = await account.events();
      expect(events.filter(({ type }) => type === 'KEY_PERMISSIONS_CHANGED').map(({ payload }) => payload)).toEqual([
        {
          exchange: 'binanceusdm',
          can_trade: true,
          can_withdraw: false,
          ip_restricted: false,
          note: expect.stringContaining('enableFutures'),
          previous: null,
        },
      ]);
      expect(await account.faults()).toEqual([]);

      const totals = await world.ledger.account(account.name);
      if (totals === null) throw new Error('the account is in the ledger');
      const status = mergeStatus(
        account.name,
        { totals, lastRun: null, pause: null, intervention: null, discrepancies: [] },
        null,
      );
      const view = { at: new Date(), accounts: [status], ledger: null, temporal: null, routing: null };
      const lines = renderStatus(view, { style: PLAIN, width: 200, detail: true });
      expect(lines).toContain('  the key can trade: Plumbline only reads: give it a key that can only read');
      expect(lines).toContainEqual(expect.stringMatching(/^ {2}key: the key has no IP limit/));
    },
    PATIENCE_MS,
  );
});
