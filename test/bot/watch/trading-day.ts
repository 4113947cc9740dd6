import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { z } from 'zod';
import {
  DEMO_CREDENTIALS,
  DEMO_PASSPHRASE,
  type Simulator,
} from '../../../packages/exchange-simulator/src/simulator.js';
import { plumbline } from '../../cli/test-io.js';
import { BotError, type BotOptions, type RealBot } from './real-bot.js';

/** What differs between the wires. */
export interface Wire {
  exchange: string;
  symbol: string;
  types: readonly string[];
  /** 0.02 BTC in the exchange's unit. */
  amount: number;
  /** Parameters without which ccxt refuses to fetch an order. */
  fetching: object;
  /** The request that creates an order. */
  creating: string;
  edits: boolean;
  /** What the bot must fetch to learn what became of a stop that went off. */
  triggered: 'by its own id' | 'by the order that it became';
  positions: Readonly<Record<string, string>>;
}

const SWAP = { symbol: 'BTC/USDT:USDT', amount: 0.02, fetching: {}, edits: true, positions: {} } as const;
export const WIRES: readonly Wire[] = [
  {
    ...SWAP,
    exchange: 'binanceusdm',
    types: ['linear'],
    creating: 'POST /binanceusdm/fapi/v1/order',
    triggered: 'by the order that it became',
  },
  {
    ...SWAP,
    exchange: 'bybit',
    types: ['linear'],
    fetching: { acknowledged: true },
    creating: 'POST /bybit/v5/order/create',
    triggered: 'by its own id',
  },
  {
    ...SWAP,
    exchange: 'okx',
    types: ['swap'],
    amount: 2,
    creating: 'POST /okx/api/v5/trade/batch-orders',
    triggered: 'by the order that it became',
  },
  {
    ...SWAP,
    exchange: 'binance',
    symbol: 'BTC/USDT',
    types: ['spot'],
    creating: 'POST /binance/api/v3/order',
    // The simulator has no cancelReplace.
    edits: false,
    triggered: 'by its own id',
    positions: { 'BTC/USDT': '1' },
  },
];

const truthSchema = z.object({
  accounts: z.object({
    demo: z.object({
      positions: z.array(z.object({ symbol: z.string(), side: z.string(), amount: z.string() })),
      orders: z.array(
        z.object({
          id: z.string(),
          symbol: z.string(),
          amount: z.string().nullable(),
          filled: z.string(),
          price: z.string().nullable(),
          trigger_price: z.string().nullable(),
        }),
      ),
    }),
  }),
});
const documentSchema = z.object({
  positions: z.array(z.object({ symbol: z.string(), amount: z.string() })),
  orders: truthSchema.shape.accounts.shape.demo.shape.orders.element.extend({ id: z.string().nullable() }).array(),
});

/**
 * Plays one day of a bot on a wire, and holds its document against the simulator and against what Plumbline says. Returns how
 * often they agreed.
 */
export async function playDay(
  wire: Wire,
  {
    simulator,
    folder,
    start,
  }: { simulator: Simulator; folder: string; start: (options: BotOptions) => Promise<RealBot> },
): Promise<number> {
  const { exchange, symbol, types, amount, fetching, positions } = wire;
  const post = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${simulator.url}/sim${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  };
  await post('/reset', { balances: { BTC: '1', USDT: '100000' } });
  const record = join(folder, `${exchange}.record`);
  const bot = await start({ exchange, simulatorUrl: simulator.url, types, record, positions });
  const diff = await differ(wire, simulator.url, folder);
  const state = join(folder, 'state.json');

  const outcome = async (): Promise<string> => {
    await bot.export(state);
    return diff();
  };
  let agreements = 0;
  const agrees = async (): Promise<void> => {
    agreements += 1;
    expect(await outcome()).toBe('matched');
    const { accounts } = truthSchema.parse(await (await fetch(`${simulator.url}/sim/truth`)).json());
    const document = documentSchema.parse(JSON.parse(await readFile(state, 'utf8')));
    expect(bySymbol(document.orders)).toEqual(bySymbol(accounts.demo.orders));
    if (!symbol.includes(':')) return;
    expect(document.positions.map((each) => [each.symbol, Number(each.amount)])).toEqual(
      accounts.demo.positions.map((each) => [each.symbol, Number(each.amount)]),
    );
  };
  const look = async (): Promise<void> => {
    await bot.call('fetchOpenOrders', symbol);
    await bot.call('fetchMyTrades', symbol);
  };
  const lost = async (kind: string, clientOrderId: string): Promise<void> => {
    await post('/faults', { endpoint: wire.creating, kind });
    const call = bot.call('createOrder', symbol, 'limit', 'buy', amount, 42_000, { clientOrderId });
    await expect(call).rejects.toBeInstanceOf(BotError);
  };

  try {
    const limit = await bot.call('createOrder', symbol, 'limit', 'buy', amount, 40_000);
    await bot.call('createMarketOrder', symbol, 'buy', amount);
    await look();
    await agrees();

    await post('/fill', { order_id: limit, amount: '0.005' });
    expect(await outcome()).toBe('drifted');
    await look();
    await agrees();

    if (wire.edits) {
      await bot.call('editOrder', limit, symbol, 'limit', 'buy', amount, 41_000);
      await agrees();
    }
    await post('/amend', { order_id: limit, price: '39000' });
    await look();
    // What was amended by hand is not taken over.
    expect(await outcome()).toBe('drifted');
    await bot.call('cancelOrder', limit, symbol);
    await agrees();

    const stopPrice = symbol.includes(':') ? null : 29_000;
    const stopType = stopPrice === null ? 'market' : 'limit';
    const stop = await bot.call('createOrder', symbol, stopType, 'sell', amount, stopPrice, { stopLossPrice: 30_000 });
    await agrees();

    // The order arrived, its answer did not.
    await lost('reset', 'lost1');
    expect(await outcome()).toBe('matched');
    await bot.restart();
    expect(await outcome()).toBe('matched');
    await look();
    await agrees();

    // The order did not arrive.
    await lost('refuse', 'lost2');
    expect(await outcome()).toBe('drifted');
    await look();
    await agrees();

    await bot.restart();
    await agrees();

    await post('/price', { symbol, price: '29500' });
    expect(await outcome()).toBe('drifted');
    if (wire.triggered === 'by the order that it became') {
      await bot.call('fetchOrder', stop, symbol, { ...fetching, trigger: true });
    }
    await look();
    await bot.call('fetchOpenOrders', symbol, null, null, { trigger: true });
    await agrees();

    const last = await bot.call('createOrder', symbol, 'limit', 'buy', amount, 20_000);
    await agrees();
    // ccxt has no cancelAllOrders for OKX.
    await (exchange === 'okx' ? bot.call('cancelOrders', [last], symbol) : bot.call('cancelAllOrders', symbol));
    await agrees();
    return agreements;
  } finally {
    await bot.end();
  }
}

/** `plumbline diff` of an account whose bot exports to state.json. */
export async function differ(
  { exchange }: Pick<Wire, 'exchange'>,
  simulatorUrl: string,
  folder: string,
): Promise<() => Promise<string>> {
  const secrets = 'api_key_env: KEY, secret_env: SECRET, password_env: PASSPHRASE';
  await writeFile(
    join(folder, 'plumbline.yaml'),
    `accounts:
  bot:
    exchange: { id: ${exchange}, base_url: "${simulatorUrl}/${exchange}", ${exchange === 'okx' ? secrets : secrets.replace(/, password.*/, '')} }
    internal: { kind: file, path: state.json }
`,
  );
  const env = { KEY: DEMO_CREDENTIALS.apiKey, SECRET: DEMO_CREDENTIALS.secret, PASSPHRASE: DEMO_PASSPHRASE };
  return async () => {
    for (;;) {
      const { out, err } = await plumbline(['diff', 'bot', '-o', 'json'], { cwd: folder, env });
      const { outcome, failure } = diffSchema.parse(JSON.parse(out === '' ? err : out));
      if (failure === undefined) return outcome;
      if (failure.kind !== 'rate_limited') throw new Error(failure.message);
      // OKX counts in windows of two seconds.
      await sleep(500);
    }
  };
}

const diffSchema = z.looseObject({
  outcome: z.string(),
  failure: z.looseObject({ kind: z.string(), message: z.string() }).optional(),
});

type OrderRow = z.infer<typeof documentSchema>['orders'][number];

function bySymbol(orders: readonly OrderRow[]): unknown[] {
  const plain = (value: string | null): number | null => (value === null ? null : Number(value));
  return orders
    .map(({ id, symbol, amount, filled, price, trigger_price: trigger }) => ({
      id,
      symbol,
      amount: plain(amount),
      filled: plain(filled),
      price: plain(price),
      trigger: plain(trigger),
    }))
    .toSorted((a, b) => String(a.id).localeCompare(String(b.id)));
}
