import type { ForeignAnswer } from './foreign-answers.js';
import { DOCS, NET, CCXT, BTC, FORCED, INCOME, acted, moved } from './binanceusdm-past-rows.js';

/* What became of orders, what happened to the account, portfolio margin, and refusals of Binance USD-M futures. */

export const USDM_MOVES: readonly ForeignAnswer[] = [
  {
    name: 'a liquidation and a deleveraging',
    source: `${DOCS}, "User's Force Orders"`,
    path: '/fapi/v1/forceOrders',
    answer: [
      FORCED,
      {
        ...FORCED,
        orderId: 6000000002,
        clientOrderId: 'adl_autoclose',
        avgPrice: '10979.82000',
        side: 'BUY',
        positionSide: 'SHORT',
        updateTime: 1596110725071,
      },
    ],
    reading: {
      symbols: [BTC],
      happened: [
        acted('liquidation', BTC, '-0.001', 1596107620087, '10913.21000'),
        acted('deleveraging', BTC, '0.001', 1596110725071, '10979.82000'),
      ],
    },
  },
  moved(
    'a transfer and a fee',
    `${DOCS}, "Get Income History"`,
    [
      { ...INCOME, symbol: '', incomeType: 'TRANSFER', income: '-0.37500000', info: 'TRANSFER', time: 1570608000000 },
      {
        ...INCOME,
        incomeType: 'COMMISSION',
        income: '-0.01000000',
        info: 'COMMISSION',
        time: 1570636800000,
        tradeId: '2000001',
      },
    ],
    [acted('transfer', 'USDT', '-0.375', 1570608000000), acted('fee', 'USDT', '-0.01', 1570636800000)],
  ),
  moved(
    'income whose trade is a number',
    `${NET}/Account/GetIncomeHistory.txt`,
    [
      {
        ...INCOME,
        incomeType: 'COMMISSION',
        income: '-0.01000000',
        time: 1570636800000,
        tranId: '9600000001',
        tradeId: 2000001,
      },
    ],
    [acted('fee', 'USDT', '-0.01', 1570636800000)],
  ),
  moved(
    'recorded funding',
    `${CCXT}, fetchFundingHistory`,
    [
      {
        ...INCOME,
        incomeType: 'FUNDING_FEE',
        income: '-0.04618913',
        time: '1707465600000',
        info: 'FUNDING_FEE',
        tranId: '8000000000000000060',
      },
    ],
    [acted('funding', 'USDT', '-0.04618913', 1707465600000)],
  ),
  moved(
    'income of every documented kind',
    `${DOCS}, "Get Income History", incomeType`,
    [
      'REALIZED_PNL',
      'INSURANCE_CLEAR',
      'REFERRAL_KICKBACK',
      'AUTO_EXCHANGE',
      'COIN_SWAP_DEPOSIT',
      'DELIVERED_SETTELMENT',
      'A_KIND_OF_TOMORROW',
    ].map((incomeType, index) => ({ ...INCOME, incomeType, income: '1', time: index })),
    [
      acted('fee', 'USDT', '1', 1),
      acted('fee', 'USDT', '1', 2),
      acted('conversion', 'USDT', '1', 3),
      acted('conversion', 'USDT', '1', 4),
    ],
  ),
  ...(
    [
      [
        '-1021',
        { code: -1021, msg: "Timestamp for this request was 1000ms ahead of the server's time." },
        400,
        'clock_skew',
      ],
      ['-1022', { code: -1022, msg: 'Signature for this request is not valid.' }, 400, 'authentication'],
      ['-1016', { code: -1016, msg: 'This service is no longer available.' }, 400, 'maintenance'],
      ['-1099', { code: -1099, msg: 'Not found, authenticated, or authorized.' }, 400, 'permission'],
      ['-4109', { code: -4109, msg: 'This account is inactive.' }, 400, 'permission'],
      [
        '-1003',
        {
          code: -1003,
          msg: 'Too many requests; current limit is 2400 requests per minute. Please use the websocket for live updates to avoid polling the API.',
        },
        429,
        'rate_limited',
      ],
      [
        '-2015, of an account that is not in portfolio margin mode',
        { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' },
        401,
        'authentication',
      ],
    ] as const
  ).map(([code, answer, status, kind]): ForeignAnswer => ({
    name: `a refusal with ${code}`,
    source: code.startsWith('-2015') ? 'freqtrade/freqtrade#12866' : `${DOCS}, "Error Codes"`,
    path: '/fapi/v3/positionRisk',
    answer,
    status,
    reading: { failure: { kind } },
  })),
];
