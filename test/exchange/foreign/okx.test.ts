import { answer, CREDENTIALS } from '../okx-fixtures.js';
import { OKX_ACCOUNTS } from './okx-account.js';
import { OKX_ALGOS } from './okx-algos.js';
import { OKX_ORDERS } from './okx-orders.js';
import { OKX_PAST } from './okx-past.js';
import { serveMarkets } from './okx-sources.js';
import { describeForeignAnswers } from './served-answers.js';
import { REMEMBERED_ORDER } from '../remembered-order.js';

describeForeignAnswers({
  id: 'okx',
  credentials: CREDENTIALS,
  answers: [...OKX_ACCOUNTS, ...OKX_ORDERS, ...OKX_ALGOS, ...OKX_PAST],
  serve: serveMarkets,
  otherwise: ({ path }) =>
    path.endsWith('/order-algo') ? { code: '51603', msg: 'Order does not exist', data: [] } : answer([]),
  now: 1_764_000_000_000,
  remembered: {
    ...REMEMBERED_ORDER,
    id: '31',
    clientOrderId: 'bot31',
  },
});
