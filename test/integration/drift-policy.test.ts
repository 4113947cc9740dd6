import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { multiplyDecimals } from '../../src/domain/decimal/decimal.js';
import { tradingGateOf } from '../../src/domain/gate/trading-gate.js';
import { bitcoin, byHand, ether, oneWay, solana } from './support/drift-cases.js';
import {
  startSimulatedWorld,
  type AccountOptions,
  type SimulatedAccount,
  type SimulatedWorld,
} from './support/simulated-world.js';
import { eventually } from './support/world.js';

const PATIENCE_MS = 120_000;
const RULES = [
  { symbols: ether, action: 'ignore' },
  { notional_below: 500, action: 'record' },
  { notional_below: 5_000, action: 'notify' },
  { action: 'page' },
];

let world: SimulatedWorld;
beforeAll(async () => {
  world = await startSimulatedWorld();
}, PATIENCE_MS);
afterAll(async () => world.close(), PATIENCE_MS);

async function begin(options: AccountOptions): Promise<SimulatedAccount> {
  const account = await world.addAccount(options);
  await oneWay(account);
  await world.startWorker(account.taskQueue);
  await account.start();
  expect(await account.runUntil(2)).toMatchObject({ outcome: 'matched' });
  return account;
}

const totalsOf = async ({ name }: SimulatedAccount) => {
  const totals = await world.ledger.account(name);
  if (totals === null) throw new Error(`${name} is registered`);
  return totals;
};
const gateOf = async (account: SimulatedAccount) => tradingGateOf(await totalsOf(account));
const buyByHand = async (account: SimulatedAccount, amount: string, symbol = bitcoin) =>
  byHand(account, { symbol, side: 'buy', type: 'market', amount });

it(
  'a small drift is recorded and leaves the gate open; when it grows, a person is called and the gate closes',
  async () => {
    const account = await begin({ reconciliation: { drift: RULES } });

    await buyByHand(account, '0.004');
    expect(await account.runNow()).toMatchObject({ outcome: 'drifted', openDiscrepancies: 1, calls: [] });
    const [small] = await world.ledger.discrepancies(account.name);
    expect(small?.decision).toMatchObject({ action: 'record', closeGate: false, rule: 2 });
    // The mark price of the position's own row.
    expect(small?.decision?.value).toBe(multiplyDecimals('0.004', small?.decision?.price ?? '0'));
    expect(await gateOf(account)).toMatchObject({ open: true, reasons: [] });
    expect(account.calls()).toEqual([]);

    await buyByHand(account, '0.2');
    expect(await account.runNow()).toMatchObject({ calls: [{ severity: 'page', closesGate: true }] });
    const [large] = await world.ledger.discrepancies(account.name);
    expect(large).toMatchObject({ id: small?.id, decision: { action: 'page', closeGate: true, rule: 4 } });
    expect(await gateOf(account)).toMatchObject({ open: false });
    await eventually(
      async () => account.calls(),
      ({ length }) => length === 1,
      PATIENCE_MS,
    );
    expect(await account.faults()).toEqual([]);
  },
  PATIENCE_MS,
);

it(
  'an order of a symbol without a position is valued by the public mark price',
  async () => {
    const account = await begin({ reconciliation: { drift: RULES } });
    await byHand(account, { symbol: solana, side: 'buy', type: 'limit', price: '100', amount: '1' });
    expect(await account.runNow()).toMatchObject({ outcome: 'drifted', calls: [] });
    const [placed] = await world.ledger.discrepancies(account.name);
    expect(placed).toMatchObject({ type: 'ORDER_PLACED_EXTERNALLY', symbol: solana, decision: { rule: 2 } });
    expect(placed?.decision?.value).toBe(placed?.decision?.price);
    expect(await gateOf(account)).toMatchObject({ open: true });
  },
  PATIENCE_MS,
);

it(
  'a drift that a rule ignores is counted and is no discrepancy; the same with a larger one of another symbol',
  async () => {
    const account = await begin({ reconciliation: { drift: RULES } });
    await buyByHand(account, '1', ether);
    const run = await account.runNow();
    expect(run).toMatchObject({ outcome: 'matched', openDiscrepancies: 0 });
    expect((await world.ledger.runs(account.name))[0]?.ignored).toEqual({ 'drift rule 1': 1 });
    await buyByHand(account, '0.02');
    expect(await account.runNow()).toMatchObject({ calls: [{ severity: 'notify', closesGate: false }] });
    expect(await world.ledger.discrepancies(account.name)).toMatchObject([
      { symbol: bitcoin, decision: { action: 'notify', closeGate: false, rule: 3 } },
    ]);
    expect(await account.faults()).toEqual([]);
  },
  PATIENCE_MS,
);
