import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Desk } from './desk.js';
import { FreqtradeBot } from './freqtrade-bot.js';
import type { OpenDiscrepancy, Verdict } from './plumbline.js';
import { tableOf } from './table.js';
import { Exchange } from './truth.js';
import { WIRES } from './wires.js';

// What npm run e2e:freqtrade counts as a deviation. Plumbline's verdict is given here; the exchange is a real simulator.

const BTC = 'BTC/USDT:USDT';
const MATCHED: Verdict = { outcome: 'matched', failure: null, open: [] };

let folder: string;
let exchange: Exchange;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-desk-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  const [wire] = WIRES;
  if (wire === undefined) throw new Error('there is a wire');
  exchange = await Exchange.start(wire);
});
afterEach(async () => {
  await exchange.close();
});

/** Whether the verdict holds what the act expects. */
async function holds(verdict: Verdict, act: (desk: Desk) => Promise<void>): Promise<boolean> {
  const [wire] = WIRES;
  if (wire === undefined) throw new Error('there is a wire');
  const bot = await FreqtradeBot.make(wire, { program: 'freqtrade', folder, simulatorUrl: exchange.url });
  const desk = new Desk(wire, exchange, bot, { verdict: async () => verdict }, null, () => undefined);
  await act(desk);
  expect(tableOf(desk.rows).includes('DEVIATES')).toBe(desk.rows.some((row) => !row.holds));
  return desk.rows.every((row) => row.holds);
}

const drifted = (...open: [type: string, symbol: string][]): Verdict => ({
  outcome: 'drifted',
  failure: null,
  open: open.map(([type, symbol]): OpenDiscrepancy => ({ type, symbol, description: type })),
});

describe('both sides must agree', () => {
  const agrees = async (desk: Desk): Promise<void> => desk.agrees('act');

  it('holds if the verdict is "matched" and nothing was done by hand', async () => {
    expect(await holds(MATCHED, agrees)).toBe(true);
  });

  it('deviates on a false alarm, in a quiet time too', async () => {
    const verdict = drifted(['POSITION_SIZE_CHANGED', BTC]);
    expect(await holds(verdict, agrees)).toBe(false);
    expect(await holds(verdict, async (desk) => desk.staysQuiet('trading'))).toBe(false);
  });

  it('deviates if a trade or an order by hand was missed', async () => {
    exchange.byHand({ symbol: BTC, side: 'buy', type: 'market', amount: '0.01' });
    expect(await holds(MATCHED, agrees)).toBe(false);
    exchange.byHand({ symbol: BTC, side: 'sell', type: 'market', amount: '0.01' });
    expect(await holds(MATCHED, agrees)).toBe(true);
    exchange.byHand({ symbol: BTC, side: 'buy', type: 'limit', amount: '0.01', price: '50000' });
    expect(await holds(MATCHED, agrees)).toBe(false);
  });
});

describe('an interference must be found', () => {
  const expected = { type: 'POSITION_SIZE_CHANGED', symbol: BTC };

  it.each<[string, Verdict, boolean]>([
    ['the expected discrepancy', drifted([expected.type, BTC]), true],
    ['"matched"', MATCHED, false],
    ['another type', drifted(['ORDER_PLACED_EXTERNALLY', BTC]), false],
    ['another symbol', drifted([expected.type, 'ETH/USDT:USDT']), false],
    ['a second discrepancy', drifted([expected.type, BTC], ['ORDER_PLACED_EXTERNALLY', BTC]), false],
  ])('%s', async (_, verdict, isRight) => {
    expect(await holds(verdict, async (desk) => desk.differs('act', expected))).toBe(isRight);
  });
});
