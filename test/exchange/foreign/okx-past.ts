import type { OpenOrder } from '../../../src/domain/snapshot/snapshot.js';
import { algoRow, answer, orderRow, PATHS } from '../okx-fixtures.js';
import { DOCS, JKORF, NAUTILUS } from './okx-sources.js';
import type { ForeignAnswer } from './served-answers.js';

type Fields = Record<string, unknown>;
const SPOT: Partial<OpenOrder> = { symbol: 'BTC/USDT', amount: null };

function ended(
  name: string,
  source: string,
  row: object,
  became: object,
  more: { path?: string; order?: Partial<OpenOrder>; besides?: Record<string, object> } = {},
): ForeignAnswer {
  const { path = PATHS.order, order = {}, besides = {} } = more;
  return { name, source, path, answer: answer([row]), besides, reading: { order, became } };
}

const bought: Fields = {
  accFillSz: '0.00192834',
  avgPx: '51858',
  ordType: 'market',
  px: '',
  sz: '100',
  tgtCcy: 'quote_ccy',
  state: 'filled',
  uTime: '1708587373362',
};

const orders: ForeignAnswer[] = [
  ended(
    'a market buy for 100 USDT that filled',
    `${DOCS}, "GET / Order details"`,
    orderRow('BTC-USDT', '31', bought),
    { cause: 'filled', filled: '0.00192834', averagePrice: '51858', at: 1_708_587_373_362, source: 'order query' },
    { order: SPOT },
  ),
  ended(
    'that market buy in the history',
    `${JKORF}/Trading/GetOrderHistory.txt`,
    orderRow('BTC-USDT', '31', { ...bought, posSide: '' }),
    { cause: 'filled', filled: '0.00192834', source: 'closed orders' },
    { order: SPOT, path: PATHS.history },
  ),
  ended(
    'that market buy as a fill',
    `${JKORF}/Trading/GetUserTrades.txt`,
    {
      instId: 'BTC-USDT',
      instType: 'SPOT',
      ordId: '31',
      subType: '1',
      fillSz: '0.00192834',
      fillPx: '51858',
      fillTime: '1708587373361',
      fee: '-0.00000192834',
      feeCcy: 'BTC',
      ts: '1708587373362',
    },
    { cause: 'filled', filled: '0.00192834', averagePrice: '51858', at: 1_708_587_373_361 },
    { order: { symbol: 'BTC/USDT', amount: '0.00192834' }, path: PATHS.fills },
  ),
  ended(
    'an order of a liquidation',
    `${NAUTILUS}/ws_orders_liquidation.json`,
    orderRow('BTC-USDT-SWAP', '31', {
      state: 'filled',
      category: 'full_liquidation',
      accFillSz: '0.5',
      avgPx: '40000.0',
      sz: '0.5',
    }),
    { cause: 'liquidated', filled: '0.005', averagePrice: '40000.0' },
  ),
  ended(
    'an order of a deleveraging',
    `${NAUTILUS}/ws_orders_adl.json`,
    orderRow('ETH-USDT-SWAP', '31', {
      state: 'filled',
      category: 'adl',
      accFillSz: '0.3',
      avgPx: '41000.0',
      sz: '0.3',
      side: 'buy',
    }),
    { cause: 'liquidated', filled: '0.03' },
    { order: { symbol: 'ETH/USDT:USDT' } },
  ),
  ...(
    [
      ['1', 'canceled', 'order query'],
      ['3', 'liquidated', 'order query: forced-liquidation risk'],
      ['7', 'expired', 'order query: the contract was delivered'],
      ['13', 'expired', 'order query: fill-or-kill could not be filled'],
      ['14', 'expired', 'order query: the rest of an immediate-or-cancel order'],
      ['31', 'rejected', 'order query: post-only would have taken liquidity'],
    ] as const
  ).map(([cancelSource, cause, source]) =>
    ended(
      `an order that was canceled for the reason ${cancelSource}`,
      `${DOCS}, "WS / Order channel" (cancelSource)`,
      orderRow('BTC-USDT-SWAP', '31', { state: 'canceled', cancelSource }),
      { cause, source },
    ),
  ),
  ended(
    'an order that is still open, of which the list did not tell',
    `${DOCS}, "GET / Order details" (state)`,
    orderRow('BTC-USDT-SWAP', '31', { state: 'partially_filled', accFillSz: '0.4' }),
    { cause: 'unknown', stillOpen: true },
  ),
];

const stop: Partial<OpenOrder> = { conditional: true, triggerPrice: '3000', symbol: 'ETH/USDT:USDT' };
const algos: ForeignAnswer[] = [
  ended(
    'a trigger order that took effect, and what it became',
    `${NAUTILUS}/http_get_orders_algo_history.json`,
    algoRow('ETH-USDT-SWAP', '31', 'trigger', {
      state: 'effective',
      ordId: '77',
      ordIdList: undefined,
      triggerPx: '3000',
      ordPx: '2990',
    }),
    {
      cause: 'filled',
      filled: '1',
      averagePrice: '2995',
      source: 'order query of 77, which it became when it triggered',
    },
    {
      path: PATHS.algo,
      order: stop,
      besides: {
        [PATHS.order]: answer([orderRow('ETH-USDT-SWAP', '77', { state: 'filled', accFillSz: '10', avgPx: '2995' })]),
      },
    },
  ),
  ended(
    'an algo order that failed for want of margin',
    `${DOCS}, "GET / Algo order history" (failCode)`,
    algoRow('ETH-USDT-SWAP', '31', 'conditional', { state: 'order_failed', failCode: '51008' }),
    { cause: 'rejected', source: 'algo order query: code 51008' },
    { path: PATHS.algo, order: stop },
  ),
  ended(
    'an algo order that was canceled',
    `${DOCS}, "GET / Algo order history" (state)`,
    algoRow('ETH-USDT-SWAP', '31', 'oco', { state: 'canceled', failCode: '0' }),
    { cause: 'canceled', filled: '0' },
    { path: PATHS.algo, order: stop },
  ),
  {
    name: 'an attached stop that became an algo order, under its client id',
    source: `${DOCS}, "GET / Order List" (attachAlgoClOrdId)`,
    path: PATHS.algo,
    when: (query) => query.get('algoClOrdId') === 'sl1',
    answer: answer([algoRow('ETH-USDT-SWAP', '99', 'conditional', { state: 'canceled', algoClOrdId: 'sl1' })]),
    reading: {
      order: { ...stop, id: '901', clientOrderId: 'sl1' },
      became: { cause: 'canceled', source: 'algo order query by client id' },
    },
  },
];

const bill = (type: string, subType: string, fields: Fields) => ({
  bal: '8694.2179403378290202',
  balChg: '0',
  billId: '62395085453',
  ccy: 'USDT',
  clOrdId: '',
  execType: 'T',
  fee: '0',
  from: '',
  instId: '',
  instType: '',
  interest: '0',
  mgnMode: 'cross',
  notes: '',
  ordId: '',
  pnl: '0',
  px: '',
  sz: '0',
  to: '',
  ts: '1695033476167',
  type,
  subType,
  ...fields,
});

const ofType = (type: string) => (query: URLSearchParams) => query.get('type') === type;
const BILLS = `${DOCS}, "Get bills details (last 7 days)"`;

const acts: ForeignAnswer[] = [
  {
    name: 'the fee of a spot trade',
    source: BILLS,
    path: PATHS.bills,
    answer: answer([
      bill('2', '1', {
        ccy: 'BTC',
        balChg: '0.0219338232210000',
        fee: '-0.000021955779',
        sz: '0.021955779',
        px: '27105.9',
        instId: 'BTC-USDT',
      }),
    ]),
    reading: {
      question: { currencies: ['BTC'] },
      actions: [{ kind: 'fee', symbol: 'BTC', change: '-0.000021955779', at: 1_695_033_476_167 }],
    },
  },
  {
    name: 'transfers, funding, interest, conversions',
    source: `${BILLS} (type, subType)`,
    path: PATHS.bills,
    answer: answer([
      bill('1', '11', { balChg: '100', from: '6', to: '18' }),
      bill('1', '12', { balChg: '-40', from: '18', to: '6' }),
      bill('8', '173', { balChg: '-0.57', pnl: '-0.57', instId: 'BTC-USDT-SWAP' }),
      bill('8', '174', { balChg: '0.21', pnl: '0.21', instId: 'BTC-USDT-SWAP' }),
      bill('7', '9', { balChg: '-0.0003960833333334', interest: '0.0003960833333334' }),
      bill('27', '319', { balChg: '6.73422059' }),
      bill('28', '236', { balChg: '2.99' }),
      bill('12', '202', { balChg: '-150' }),
      bill('16', '210', { balChg: '1000' }),
      bill('6', '160', { balChg: '-20' }),
    ]),
    reading: {
      question: { currencies: ['USDT'] },
      actions: [
        { kind: 'transfer', change: '100' },
        { kind: 'transfer', change: '-40' },
        { kind: 'funding', change: '-0.57' },
        { kind: 'funding', change: '0.21' },
        { kind: 'interest', change: '-0.0003960833333334' },
        { kind: 'conversion', change: '6.73422059' },
        { kind: 'conversion', change: '2.99' },
        { kind: 'transfer', change: '-150' },
      ],
    },
  },
  {
    name: 'a liquidation of a long, and the transfer of its margin, which is none',
    source: `${BILLS} (Liquidation)`,
    path: PATHS.bills,
    when: ofType('5'),
    answer: answer([
      bill('5', '104', { sz: '30', px: '51000', instId: 'BTC-USDT-SWAP', instType: 'SWAP', balChg: '-90' }),
      bill('5', '111', { sz: '5', balChg: '-5' }),
      bill('5', '105', { sz: '2', px: '3000', instId: 'ETH-USDT-SWAP', instType: 'SWAP' }),
    ]),
    reading: {
      question: { symbols: ['BTC/USDT:USDT'] },
      actions: [
        { kind: 'liquidation', symbol: 'BTC/USDT:USDT', change: '-0.3', price: '51000', at: 1_695_033_476_167 },
      ],
    },
  },
  {
    name: 'a deleveraging of a short, by inverse contracts',
    source: `${BILLS} (ADL)`,
    path: PATHS.bills,
    when: ofType('9'),
    answer: answer([bill('9', '126', { sz: '12', px: '60000', instId: 'BTC-USD-SWAP', instType: 'SWAP', ccy: 'BTC' })]),
    reading: {
      question: { symbols: ['BTC/USD:BTC'] },
      actions: [{ kind: 'deleveraging', symbol: 'BTC/USD:BTC', change: '1200', price: '60000' }],
    },
  },
  {
    name: 'the delivery of a dated contract and the exercise of an option, which is not read',
    source: `${BILLS} (Delivery)`,
    path: PATHS.bills,
    when: ofType('3'),
    answer: answer([
      bill('3', '112', { sz: '3', px: '61000', instId: 'BTC-USD-261225', instType: 'FUTURES', ccy: 'BTC' }),
      bill('3', '170', { sz: '1', px: '0.05', instId: 'BTC-USD-261225-60000-C', instType: 'OPTION', ccy: 'BTC' }),
    ]),
    reading: {
      question: { symbols: ['BTC/USD:BTC-261225'] },
      actions: [{ kind: 'settlement', symbol: 'BTC/USD:BTC-261225', change: '-300', price: '61000' }],
    },
  },
];

export const OKX_PAST: readonly ForeignAnswer[] = [...orders, ...algos, ...acts];
