import { z } from 'zod';
import type { AccountWitnesses } from '../../../src/activities/activities.js';
import { DEMO_CREDENTIALS, type Simulator } from '../../../src/simulator/simulator.js';
import { ccxtClient } from '../../simulator/ccxt-client.js';
import { EXCHANGE } from './simulated-world.js';

const balanceSchema = z.object({
  info: z.object({ assets: z.array(z.object({ asset: z.string(), walletBalance: z.string() })) }),
});

/**
 * Adds the wallet to what the exchange says, read over HTTP by ccxt. Plumbline itself reads no balances of this exchange
 * (their totals move with every price), and those whose balances it reads have no simulator to go wrong on yet.
 */
export function withWallet(configured: AccountWitnesses, simulator: Simulator): AccountWitnesses {
  return {
    internal: configured.internal,
    async exchange() {
      const reader = await configured.exchange();
      const client = await ccxtClient(EXCHANGE, simulator.url, DEMO_CREDENTIALS);
      return {
        exchangeId: reader.exchangeId,
        explainMissingOrders: async (orders, options) => reader.explainMissingOrders(orders, options),
        resolveMarket: async (symbol, options) => reader.resolveMarket(symbol, options),
        close: async () => reader.close(),
        async readState(options) {
          const snapshot = await reader.readState(options);
          const { info } = balanceSchema.parse(await client.fetchBalance());
          return {
            ...snapshot,
            scopes: [...snapshot.scopes, 'balances'],
            gaps: snapshot.gaps.filter(({ scope }) => scope !== 'balances'),
            balances: info.assets.map(({ asset, walletBalance }) => ({ currency: asset, total: walletBalance })),
          };
        },
      };
    },
  };
}
