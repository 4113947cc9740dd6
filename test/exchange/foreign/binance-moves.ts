import type { ForeignAnswer } from './foreign-answers.js';
import { acted, DEPOSIT, WALLET, WITHDRAWAL } from './binance-past-rows.js';
import { ACCOUNT, CCXT, DOCS, GO, NET, OPEN_ORDERS } from './binance-rows.js';

/* What became of orders, what moved the wallet, and refusals of Binance spot. */

export const BINANCE_MOVES: readonly ForeignAnswer[] = [
  {
    name: 'a fee in BNB',
    source: `${DOCS}, "Account trade list"`,
    path: '/api/v3/myTrades',
    answer: [
      {
        symbol: 'BNBBTC',
        id: 28001,
        orderId: 100001,
        price: '4.00000100',
        qty: '12.00000000',
        commission: '10.10000000',
        commissionAsset: 'BNB',
        time: 1499865549590,
      },
    ],
    reading: { symbols: ['BNB/BTC'], currencies: ['BNB'], happened: [acted('fee', 'BNB', '-10.1', 1499865549590)] },
  },
  {
    name: 'a deposit',
    source: `${WALLET}, "Deposit History"`,
    path: '/sapi/v1/capital/deposit/hisrec',
    answer: [
      {
        ...DEPOSIT,
        id: '700000000000000001',
        amount: '0.001',
        coin: 'BNB',
        status: 1,
        insertTime: 1661493146000,
        completeTime: 1661493147000,
        unlockConfirm: 0,
        walletType: 0,
        travelRuleStatus: 0,
      },
    ],
    reading: { currencies: ['BNB'], happened: [acted('deposit', 'BNB', '0.001', 1661493147000)] },
  },
  {
    name: 'a deposit that is pending beside one that is credited',
    source: `${NET}/Account/GetDepositHistory.txt`,
    path: '/sapi/v1/capital/deposit/hisrec',
    answer: [
      { ...DEPOSIT, id: '1', amount: '0.001', coin: 'BNB', status: 0, insertTime: 1661493146000, walletType: 0 },
      { ...DEPOSIT, id: '2', amount: '0.50000000', coin: 'IOTA', status: 1, insertTime: 1599620082000, walletType: 0 },
    ],
    reading: { currencies: ['BNB', 'IOTA'], happened: [acted('deposit', 'IOTA', '0.5', 1599620082000)] },
  },
  {
    name: 'a deposit of the time before wallets',
    source: `${GO}/deposit_service_test.go`,
    path: '/sapi/v1/capital/deposit/hisrec',
    answer: [
      { ...DEPOSIT, amount: '0.00999800', coin: 'PAXG', status: 1, insertTime: 1599621997000, unlockConfirm: 12 },
    ],
    reading: { currencies: ['PAXG'], happened: [acted('deposit', 'PAXG', '0.009998', 1599621997000)] },
  },
  {
    name: 'a recorded deposit to the funding wallet',
    source: `${CCXT}, fetchDeposits`,
    path: '/sapi/v1/capital/deposit/hisrec',
    answer: [
      {
        ...DEPOSIT,
        amount: '10',
        coin: 'USDT',
        status: '1',
        insertTime: '1714923704000',
        transferType: '0',
        walletType: '1',
        type: 'deposit',
      },
    ],
    reading: { currencies: ['USDT'], happened: [] },
  },
  {
    name: 'a withdrawal from the funding wallet',
    source: `${WALLET}, "Withdraw History"`,
    path: '/sapi/v1/capital/withdraw/history',
    answer: [
      {
        ...WITHDRAWAL,
        amount: '8.91000000',
        transactionFee: '0.004',
        coin: 'USDT',
        status: 6,
        applyTime: '2019-10-12 11:12:02',
        confirmNo: 3,
        walletType: 1,
        completeTime: '2023-03-23 16:52:41',
      },
    ],
    reading: { currencies: ['USDT'], happened: [] },
  },
  {
    name: 'a recorded withdrawal with its fee',
    source: `${CCXT}, fetchWithdrawals`,
    path: '/sapi/v1/capital/withdraw/history',
    answer: [
      {
        ...WITHDRAWAL,
        amount: '9',
        transactionFee: '1',
        coin: 'USDT',
        status: '6',
        applyTime: '2024-05-05 15:38:56',
        confirmNo: '20',
        walletType: '0',
        completeTime: '2024-05-05 15:40:44',
        type: 'withdrawal',
      },
    ],
    reading: {
      currencies: ['USDT'],
      happened: [acted('withdrawal', 'USDT', '-9', 1714923536000), acted('fee', 'USDT', '-1', 1714923536000)],
    },
  },
  {
    name: 'a withdrawal of the time before wallets',
    source: `${GO}/withdraw_service_test.go`,
    path: '/sapi/v1/capital/withdraw/history',
    answer: [
      {
        ...WITHDRAWAL,
        amount: '0.00150000',
        transactionFee: '0.004',
        coin: 'BTC',
        status: 6,
        applyTime: '2019-09-24 12:43:45',
        confirmNo: 2,
      },
    ],
    reading: {
      currencies: ['BTC'],
      happened: [acted('withdrawal', 'BTC', '-0.0015', 1569329025000), acted('fee', 'BTC', '-0.004', 1569329025000)],
    },
  },
  {
    name: 'dust of two currencies',
    source: `${WALLET}, "DustLog"; ${GO}/dust_log_service_test.go`,
    path: '/sapi/v1/asset/dribblet',
    answer: {
      total: 8,
      userAssetDribblets: [
        {
          totalTransferedAmount: '0.00132256',
          totalServiceChargeAmount: '0.00002699',
          transId: 45000000001,
          userAssetDribbletDetails: [
            {
              transId: 4300001,
              serviceChargeAmount: '0.000009',
              amount: '0.0009',
              operateTime: 1615985535000,
              transferedAmount: '0.000441',
              fromAsset: 'USDT',
            },
            {
              transId: 4300001,
              serviceChargeAmount: '0.00001799',
              amount: '0.0009',
              operateTime: 1615985535000,
              transferedAmount: '0.00088156',
              fromAsset: 'ETH',
            },
          ],
        },
      ],
    },
    reading: {
      currencies: ['ETH', 'BNB'],
      happened: [
        acted('conversion', 'BNB', '0.000441', 1615985535000),
        acted('conversion', 'ETH', '-0.0009', 1615985535000),
        acted('conversion', 'BNB', '0.00088156', 1615985535000),
      ],
    },
  },
  {
    name: 'a conversion',
    source: 'developers.binance.com, convert, "Get Convert Trade History"',
    path: '/sapi/v1/convert/tradeFlow',
    answer: {
      list: [
        {
          quoteId: 'a-quote',
          orderId: '940000000000000001',
          orderStatus: 'SUCCESS',
          fromAsset: 'USDT',
          fromAmount: '20',
          toAsset: 'BNB',
          toAmount: '0.06154036',
          ratio: '0.00307702',
          inverseRatio: '324.99',
          createTime: 1624248872184,
        },
      ],
      startTime: 1623824139000,
      endTime: 1626416139000,
      limit: 100,
      moreData: false,
    },
    reading: { currencies: ['BNB'], happened: [acted('conversion', 'BNB', '0.06154036', 1624248872184)] },
  },
  {
    name: 'a distribution',
    source: `${WALLET}, "Asset Dividend Record"`,
    path: '/sapi/v1/asset/assetDividend',
    answer: {
      rows: [
        {
          id: 1600000001,
          amount: '10.00000000',
          asset: 'BHFT',
          divTime: 1563189166000,
          enInfo: 'BHFT distribution',
          tranId: 2900000001,
        },
        {
          id: 1600000002,
          amount: '10.00000000',
          asset: 'BHFT',
          divTime: 1563189165000,
          enInfo: 'BHFT distribution',
          tranId: 2900000001,
          direction: 1,
        },
      ],
      total: 2,
    },
    reading: {
      currencies: ['BHFT'],
      happened: [acted('interest', 'BHFT', '10', 1563189166000), acted('interest', 'BHFT', '10', 1563189165000)],
    },
  },
  ...(
    [
      [
        '-1021',
        { code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' },
        400,
        'clock_skew',
        'Error codes',
      ],
      ['-1022', { code: -1022, msg: 'Signature for this request is not valid.' }, 400, 'authentication', 'Error codes'],
      ['-2014', { code: -2014, msg: 'API-key format invalid.' }, 401, 'authentication', 'Error codes'],
      [
        '-2015',
        { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' },
        401,
        'authentication',
        'Error codes',
      ],
      [
        '-1003',
        {
          code: -1003,
          msg: 'Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.',
        },
        429,
        'rate_limited',
        'Error codes',
      ],
      [
        '-1008',
        { code: -1008, msg: 'Server is currently overloaded with other requests. Please try again in a few minutes.' },
        503,
        'rate_limited',
        'Error codes',
      ],
      [
        '-1007',
        {
          code: -1007,
          msg: 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
        },
        408,
        'timeout',
        'Error codes',
      ],
      [
        'a restricted location',
        { code: 0, msg: "Service unavailable from a restricted location according to 'b. Eligibility' in the terms." },
        451,
        'permission',
        'python-binance, tests/test_region_exception.py',
      ],
    ] as const
  ).map(([code, answer, status, kind, page]): ForeignAnswer => ({
    name: `a refusal with ${code}`,
    source: page === 'Error codes' ? `${DOCS}, "${page}"` : page,
    path: code === '-1021' ? OPEN_ORDERS : ACCOUNT,
    answer,
    status,
    reading: { failure: { kind } },
  })),
];
