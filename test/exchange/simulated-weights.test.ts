import { afterEach, expect, it } from '@jest/globals';
import { Simulated } from './simulated.js';
import { SOME_ORDER } from './simulated-accounts.js';

let simulated: Simulated;
afterEach(async () => simulated.stop());

/** What one of ccxt's costs is of the exchange's own weights. */
it.each([
  ['binanceusdm', 1, SOME_ORDER],
  ['binance', 5, { ...SOME_ORDER, symbol: 'BTC/USDT' }],
])('a read of %s and its questions about an order spend what the exchange counts', async (id, unit, request) => {
  simulated = await Simulated.start(id);
  const order = simulated.place(request);
  let spent = 0;
  // Wallet endpoints have a limit of their own.
  const onCall = ({ question, weight }: { question: string; weight: number }): void => {
    if (!question.includes('/sapi/')) spent += weight;
  };
  const { orders } = await simulated.reader.readState({ balances: true, onCall });
  simulated.cancel(order);
  await simulated.reader.explainMissingOrders(orders, { onCall });
  expect(Math.round(spent * unit)).toBe(await countedBy(simulated));
});

async function countedBy({ simulator }: Simulated): Promise<number> {
  const { weight } = (await (await fetch(`${simulator.url}/sim/requests`)).json()) as { weight: number };
  return weight;
}
