import { expect } from '@jest/globals';
import type { ForeignAnswer } from './foreign-answers.js';
import { DOCS, GO, CCXT, CONNECTOR, BTC, POSITION, ORDER, STRATEGY, NO_BALANCE } from './binanceusdm-portfolio-rows.js';

/* Answers of papi about the USD-M contracts of an account in portfolio margin mode. */

export const PORTFOLIO: readonly ForeignAnswer[] = [
  {
    name: 'a symbol that holds nothing',
    source: `${DOCS}, "Query UM Position Information"; ${GO}/um_position_service_test.go`,
    path: '/papi/v1/um/positionRisk',
    answer: [
      { ...POSITION, positionAmt: '0.000', entryPrice: '0.00000', positionSide: 'BOTH', updateTime: 1625474304765 },
    ],
    reading: { state: { positionMode: 'one-way', positions: [] } },
  },
  {
    name: 'a long leg with its empty short leg',
    source: `${DOCS}, "Query UM Position Information"`,
    path: '/papi/v1/um/positionRisk',
    answer: [POSITION, { ...POSITION, positionAmt: '0.000', entryPrice: '0.0', positionSide: 'SHORT', updateTime: 0 }],
    reading: { state: { positionMode: 'hedge', positions: [{ symbol: BTC, side: 'long', amount: '0.001' }] } },
  },
  {
    name: 'an open order',
    source: `${DOCS}, "Query All Current UM Open Orders"; ${GO}/um_open_orders_service_test.go`,
    path: '/papi/v1/um/openOrders',
    answer: [ORDER],
    reading: {
      state: { positionMode: 'hedge', orders: [{ id: '1900001', type: 'limit', price: null, amount: '0.4' }] },
    },
  },
  {
    name: 'a conditional order of the older list',
    source: `${DOCS}, "Query All Current UM Open Conditional Orders"; ${GO}/um_open_conditional_orders_service_test.go`,
    path: '/papi/v1/um/conditional/openOrders',
    answer: [STRATEGY],
    reading: {
      state: {
        orders: [{ id: '120001', clientOrderId: 'abc', triggerPrice: '9020', amount: '0.4', conditional: true }],
      },
    },
  },
  {
    name: 'a conditional order of the newer list',
    source: `${CONNECTOR}, queryAllCurrentUmOpenAlgoOrders`,
    path: '/papi/v1/um/algo/openAlgoOrders',
    answer: [
      {
        algoId: 2100001,
        clientAlgoId: '600000000000000000000A',
        algoType: 'CONDITIONAL',
        orderType: 'TAKE_PROFIT',
        symbol: 'BNBUSDT',
        side: 'SELL',
        positionSide: 'BOTH',
        timeInForce: 'GTC',
        quantity: '0.01',
        algoStatus: 'NEW',
        triggerPrice: '750.000',
        price: '750.000',
        closePosition: false,
        createTime: 1750485492076,
        updateTime: 1750485492076,
        triggerTime: 0,
        goodTillDate: 0,
      },
    ],
    reading: {
      state: { orders: [{ id: '2100001', symbol: 'BNB/USDT:USDT', triggerPrice: '750.000', amount: '0.01' }] },
    },
  },
  {
    name: 'recorded balances with a loan',
    source: `${CCXT}, fetchBalance "fetch papi balance"`,
    path: '/papi/v1/balance',
    answer: [
      { ...NO_BALANCE, asset: 'ETH', totalWalletBalance: '0.00057786', cmWalletBalance: '0.00057786' },
      {
        ...NO_BALANCE,
        asset: 'USDT',
        totalWalletBalance: '136.03451668',
        crossMarginBorrowed: '0.00011146',
        crossMarginInterest: '0.00007902',
        umWalletBalance: '105.43419058',
      },
      { ...NO_BALANCE, asset: 'USDC', crossMarginBorrowed: '0.00014784', crossMarginInterest: '0.00002402' },
      {
        ...NO_BALANCE,
        asset: 'ADA',
        totalWalletBalance: '10.0325',
        crossMarginAsset: '10.0325',
        crossMarginFree: '10.0325',
      },
    ],
    reading: {
      state: {
        balances: [
          { currency: 'ETH', total: '0.00057786' },
          { currency: 'USDT', total: '136.0343262' },
          { currency: 'USDC', total: '-0.00017186' },
          { currency: 'ADA', total: '10.0325' },
        ],
      },
    },
  },
  {
    name: 'balances with an empty profit',
    source: `${CONNECTOR}, accountBalance`,
    path: '/papi/v1/balance',
    answer: [
      {
        ...NO_BALANCE,
        asset: 'USDT',
        totalWalletBalance: '122607.35137903',
        crossMarginBorrowed: '10.00000000',
        crossMarginInterest: '0.72469206',
        cmUnrealizedPNL: '',
        updateTime: 1617939110373,
      },
    ],
    reading: { state: { balances: [{ currency: 'USDT', total: '122596.62668697' }] } },
  },
  {
    name: 'an order that is open after all',
    source: `${DOCS}, "Query UM Order"; ${GO}/um_query_order_service_test.go`,
    path: '/papi/v1/um/order',
    answer: ORDER,
    reading: { order: { id: '1900001', amount: '0.4' }, became: { cause: 'unknown', stillOpen: true } },
  },
  {
    name: 'a conditional order that triggered',
    source: `${DOCS}, "Query UM Conditional Order History"; ${GO}/um_conditional_order_history_service_test.go`,
    path: '/papi/v1/um/conditional/orderHistory',
    answer: {
      ...STRATEGY,
      strategyStatus: 'TRIGGERED',
      orderId: 12000000001,
      status: 'NEW',
      triggerTime: 1566818724750,
      type: 'MARKET',
      workingType: 'CONTRACT_PRICE',
    },
    reading: {
      order: { id: '120001', conditional: true, amount: '0.4' },
      became: { cause: 'unknown', source: expect.stringContaining('triggered as order 12000000001') },
    },
  },
  {
    name: 'an algo order that is canceled',
    source: `${CONNECTOR}, queryUmAlgoOrderHistory`,
    path: '/papi/v1/um/algo/allAlgoOrders',
    answer: [
      {
        algoId: 2100001,
        clientAlgoId: '600000000000000000000A',
        algoType: 'CONDITIONAL',
        orderType: 'TAKE_PROFIT',
        symbol: 'BNBUSDT',
        side: 'SELL',
        quantity: '0.01',
        algoStatus: 'CANCELED',
        actualOrderId: '',
        updateTime: 1750514545091,
      },
    ],
    reading: {
      order: { id: '2100001', symbol: 'BNB/USDT:USDT', conditional: true },
      became: { cause: 'canceled', filled: '0', at: 1750514545091 },
    },
  },
  {
    name: 'a liquidation',
    source: `${DOCS}, "Query User's UM Force Orders"; ${GO}/um_force_orders_service_test.go`,
    path: '/papi/v1/um/forceOrders',
    answer: [
      {
        ...ORDER,
        orderId: 6000000001,
        clientOrderId: 'autoclose-1596107620040000020',
        avgPrice: '10913.21000',
        executedQty: '0.001',
        side: 'SELL',
        status: 'FILLED',
        updateTime: 1596107620087,
      },
    ],
    reading: {
      symbols: [BTC],
      happened: [{ kind: 'liquidation', symbol: BTC, change: '-0.001', price: '10913.21000', at: 1596107620087 }],
    },
  },
  {
    name: 'a transfer and a fee',
    source: `${DOCS}, "Get UM Income History"; ${GO}/um_income_history_service_test.go`,
    path: '/papi/v1/um/income',
    answer: [
      {
        symbol: '',
        incomeType: 'TRANSFER',
        income: '-0.37500000',
        asset: 'USDT',
        info: 'TRANSFER',
        time: 1570608000000,
        tranId: 9600000001,
        tradeId: '',
      },
      {
        symbol: 'BTCUSDT',
        incomeType: 'COMMISSION',
        income: '-0.01000000',
        asset: 'USDT',
        info: 'COMMISSION',
        time: 1570636800000,
        tranId: 9600000001,
        tradeId: '2000001',
      },
    ],
    reading: {
      currencies: ['USDT'],
      happened: [
        { kind: 'transfer', symbol: 'USDT', change: '-0.375', price: null, at: 1570608000000 },
        { kind: 'fee', symbol: 'USDT', change: '-0.01', price: null, at: 1570636800000 },
      ],
    },
  },
  {
    name: 'a mode',
    source: `${DOCS}, "Get UM Current Position Mode"; ${GO}/um_position_mode_get_service_test.go`,
    path: '/papi/v1/um/positionSide/dual',
    answer: { dualSidePosition: true },
    reading: { state: { positionMode: 'hedge', positions: [] } },
  },
];
