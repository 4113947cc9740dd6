import { expect, it } from '@jest/globals';
import { OBSERVATION_WEIGHT } from '../../src/exchange/observation-weight.js';
import { DEMO_PASSPHRASE } from '../../packages/exchange-simulator/src/engine/credentials.js';
import { DEMO_ACCOUNT, DEMO_CREDENTIALS } from '../../packages/exchange-simulator/src/simulator.js';
import { addressOfAccount } from '../../packages/exchange-simulator/src/wire/hyperliquid/wallets.js';
import { krakenSecretOf } from '../../packages/exchange-simulator/src/wire/krakenfutures/security.js';
import { BTC, SOME_ORDER } from './simulated-accounts.js';
import { Simulated } from './simulated.js';

const CREDENTIALS: Readonly<Record<string, Record<string, string>>> = {
  hyperliquid: { walletAddress: addressOfAccount({ id: DEMO_ACCOUNT, keys: [] }) },
  krakenfutures: { ...DEMO_CREDENTIALS, secret: krakenSecretOf(DEMO_CREDENTIALS.secret) },
  okx: { ...DEMO_CREDENTIALS, password: DEMO_PASSPHRASE },
  bitget: { ...DEMO_CREDENTIALS, password: DEMO_PASSPHRASE },
};

it.each(Object.entries(OBSERVATION_WEIGHT))(
  'an observation of a small account on %s takes %d',
  async (exchange, weight) => {
    const simulated = await Simulated.start(exchange, {
      credentials: CREDENTIALS[exchange] ?? { ...DEMO_CREDENTIALS },
    });
    try {
      const symbol = exchange === 'binance' ? 'BTC/USDT' : BTC;
      simulated.place({ ...SOME_ORDER, symbol });
      // The first read also asks for prices, which are asked for once an hour.
      await simulated.reader.readState();
      let taken = 0;
      await simulated.reader.readState({ onCall: (call) => (taken += call.weight) });
      expect(Math.round(taken * 100) / 100).toBe(weight);
    } finally {
      await simulated.stop();
    }
  },
);
