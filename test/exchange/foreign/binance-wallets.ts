import type { ForeignAnswer } from './foreign-answers.js';
import { ACCOUNT, WALLETS, ALGOS, DOCS, GO, NET, GCT, CCXT, DOCUMENTED_ACCOUNT, wallets } from './binance-rows.js';

/* Open orders, balances and wallets of Binance spot. */

export const BINANCE_WALLETS: readonly ForeignAnswer[] = [
  {
    name: 'two assets',
    source: `${DOCS}, "Account information"`,
    path: ACCOUNT,
    answer: DOCUMENTED_ACCOUNT,
    reading: {
      state: {
        balances: [
          { currency: 'BTC', total: '4723846.89208129' },
          { currency: 'LTC', total: '4763368.68006011' },
        ],
      },
    },
  },
  {
    name: 'two assets of an older account',
    source: `${GO}/account_service_test.go, TestGetAccount`,
    path: ACCOUNT,
    answer: {
      ...DOCUMENTED_ACCOUNT,
      brokered: undefined,
      requireSelfTradePrevention: undefined,
      preventSor: undefined,
    },
    reading: { state: { balances: [{ currency: 'BTC' }, { currency: 'LTC' }] } },
  },
  {
    name: 'a recorded account that holds nothing',
    source: GCT,
    path: ACCOUNT,
    answer: {
      accountType: 'MARGIN',
      balances: ['BTC', 'LTC', 'ETH', 'NEO', 'BNB', 'HSR', 'YOYO'].map((asset) => ({
        asset,
        free: '0.00000000',
        locked: '0.00000000',
      })),
      canDeposit: true,
      canTrade: true,
      canWithdraw: true,
    },
    reading: { state: { balances: [] } },
  },
  {
    name: 'a recorded account',
    source: `${CCXT}, fetchBalance`,
    path: ACCOUNT,
    answer: {
      ...DOCUMENTED_ACCOUNT,
      updateTime: '1701856395927',
      balances: [
        { asset: 'BTC', free: '0.00000000', locked: '0.00000000' },
        { asset: 'LTC', free: '0.91974100', locked: '0.00000000' },
        { asset: 'ETH', free: '0.02229833', locked: '0.00000000' },
      ],
    },
    reading: {
      state: {
        balances: [
          { currency: 'LTC', total: '0.919741' },
          { currency: 'ETH', total: '0.02229833' },
        ],
      },
    },
  },
  {
    name: 'wallets of which only contracts hold something',
    source: `${NET}/Account/GetWalletBalances.txt`,
    path: WALLETS,
    answer: [
      ...wallets(
        ['Spot', '0'],
        ['Funding', '0'],
        ['USD-M Futures', '0.71842752'],
        ['COIN-M Futures', '0'],
        ['Earn', '0'],
      ),
    ],
    reading: { state: { gaps: [] } },
  },
  {
    name: 'wallets with a copied trader',
    source: `${GO}/wallet_balance_service_test.go`,
    path: WALLETS,
    answer: wallets(
      ['Spot', '0.00000551'],
      ['USDⓈ-M Futures', '0'],
      ['Trading Bots', '0'],
      ['Copy Trading', '0.01630125'],
    ),
    reading: { state: { gaps: [{ scope: 'balances:copy trading wallet' }] } },
  },
  {
    name: 'a spot wallet alone',
    source: 'binance/binance-connector-js, clients/wallet/tests/unit, queryUserWalletBalance',
    path: WALLETS,
    answer: wallets(['Spot', '0']),
    reading: { state: { gaps: [] } },
  },
  {
    name: 'a TWAP order',
    source: 'developers.binance.com, algo trading, "Query Current Algo Open Orders" of spot',
    path: ALGOS,
    answer: {
      total: 1,
      orders: [
        {
          algoId: 14001,
          symbol: 'ETHUSDT',
          side: 'SELL',
          totalQty: '5.000',
          executedQty: '0.000',
          executedAmt: '0.00000000',
          avgPrice: '0.00',
          clientAlgoId: 'd0000000000000000000000000000000',
          bookTime: 1649756817004,
          endTime: 0,
          algoStatus: 'WORKING',
          algoType: 'TWAP',
          urgency: 'LOW',
        },
      ],
    },
    reading: { state: { orders: [{ id: '14001', type: 'twap', amount: '5', filled: '0', conditional: true }] } },
  },
];
