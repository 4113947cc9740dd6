import type { ForeignAnswer } from './foreign-answers.js';
import { POSITIONS, DOCS, GO, NET, NAUTILUS, CCXT, V3_ROW, V2_ROW, V2_EMPTY, state } from './binanceusdm-rows.js';

/* Positions, orders and balances of Binance USD-M futures. */

export const USDM_POSITIONS: readonly ForeignAnswer[] = [
  state('a position in one-way mode', `${DOCS}, "Position Information V3"`, POSITIONS, [V3_ROW], {
    positionMode: 'one-way',
    positions: [{ symbol: 'ADA/USDT:USDT', side: 'long', amount: '30', changedAt: 1720736417660 }],
  }),
  state(
    'two positions in hedge mode',
    `${DOCS}, "Position Information V3"`,
    POSITIONS,
    [
      { ...V3_ROW, positionSide: 'LONG' },
      { ...V3_ROW, symbol: 'COMPUSDT', positionSide: 'SHORT', positionAmt: '-1.000', entryPrice: '70.92841' },
    ],
    {
      positionMode: 'hedge',
      positions: [
        { symbol: 'ADA/USDT:USDT', side: 'long', amount: '30' },
        { symbol: 'COMP/USDT:USDT', side: 'short', amount: '1' },
      ],
    },
  ),
  state(
    'a recorded position',
    `${CCXT}, fetchPositions`,
    POSITIONS,
    [
      {
        ...V3_ROW,
        symbol: 'BTCUSDT',
        positionAmt: '0.009',
        entryPrice: '67445.9',
        adl: '2',
        updateTime: '1722161166529',
      },
    ],
    { positions: [{ symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.009', changedAt: 1722161166529 }] },
  ),
  state(
    'a symbol with an order and no position',
    `${GO}/position_risk_test.go, TestGetPositionRisk`,
    POSITIONS,
    [
      {
        ...V3_ROW,
        symbol: 'BTCUSDT',
        positionAmt: '0.000',
        entryPrice: '0.0',
        bidNotional: '190',
        adl: 0,
        updateTime: 0,
      },
    ],
    { positionMode: 'one-way', positions: [] },
  ),
  state(
    'an isolated position without a time',
    `${GO}/position_risk_test.go, TestGetPositionRiskV2`,
    POSITIONS,
    [
      {
        ...V2_ROW,
        marginType: 'isolated',
        isolatedMargin: '3.15899368',
        positionAmt: '0.003',
        positionSide: 'BOTH',
        updateTime: undefined,
      },
    ],
    { positions: [{ symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.003', changedAt: null }] },
  ),
  state(
    'a long leg with its empty short leg',
    `${NET}/Trading/GetPositions.txt`,
    POSITIONS,
    [V2_ROW, { ...V2_EMPTY, positionSide: 'SHORT' }],
    { positionMode: 'hedge', positions: [{ symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.001' }] },
  ),
  state(
    'a symbol that holds nothing',
    `${NET}/Account/GetPositionInformation.txt`,
    POSITIONS,
    [{ ...V2_EMPTY, positionSide: 'BOTH' }],
    { positionMode: 'one-way', positions: [] },
  ),
  state(
    'a position of the older form',
    `${NAUTILUS}/position_risk.json`,
    POSITIONS,
    [{ ...V2_ROW, positionSide: 'BOTH', entryPrice: '50000.0', updateTime: 1625474304765 }],
    { positions: [{ side: 'long', amount: '0.001', changedAt: 1625474304765 }] },
  ),
  state(
    'two legs of one symbol',
    `${NAUTILUS}/position_risk_hedge.json`,
    POSITIONS,
    [
      { ...V2_ROW, positionAmt: '0.005' },
      { ...V2_ROW, positionAmt: '-0.002', positionSide: 'SHORT' },
    ],
    {
      positionMode: 'hedge',
      positions: [
        { side: 'long', amount: '0.005' },
        { side: 'short', amount: '0.002' },
      ],
    },
  ),
  state(
    'symbols without positions, recorded',
    'ccxt/ccxt#20895',
    POSITIONS,
    [
      { ...V2_EMPTY, positionAmt: '0', symbol: 'XEMUSDT', positionSide: 'BOTH', isolated: false, adlQuantile: 0 },
      { ...V2_EMPTY, positionAmt: '0.0', symbol: 'DYDXUSDT', positionSide: 'BOTH', isolated: false, adlQuantile: 0 },
    ],
    { positionMode: 'one-way', positions: [] },
  ),
];
