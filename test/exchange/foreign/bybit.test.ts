import { page } from '../bybit-fixtures.js';
import { CREDENTIALS } from '../readers.js';
import { BYBIT_ACCOUNTS } from './bybit.js';
import { BYBIT_ACTS } from './bybit-acts.js';
import { BYBIT_ORDERS } from './bybit-orders.js';
import { BYBIT_PAST } from './bybit-past.js';
import { serveMarkets } from './bybit-rows.js';
import { describeForeignAnswers } from './served-answers.js';

describeForeignAnswers({
  id: 'bybit',
  credentials: CREDENTIALS,
  answers: [...BYBIT_ACCOUNTS, ...BYBIT_ORDERS, ...BYBIT_PAST, ...BYBIT_ACTS],
  serve: serveMarkets,
  otherwise: (request) => page([], request),
  // Later than every answer, so that the exchange's clock does not run ahead of the rows.
  now: 1_764_000_000_000,
  remembered: {
    id: 'h1',
    clientOrderId: 'test-h1',
    symbol: 'BTC/USDT:USDT',
    side: 'buy',
    type: 'limit',
    price: '30000',
    triggerPrice: null,
    amount: '0.01',
    filled: '0',
    conditional: false,
    changedAt: null,
  },
});
