import { PATHS } from '../bybit-fixtures.js';
import { coin, DOCS, GCT, JKORF, list, NAUTILUS, of, position, wallet } from './bybit-rows.js';
import type { ForeignAnswer } from './served-answers.js';

const positions: ForeignAnswer[] = [
  {
    name: 'an inverse position, in USD',
    source: `${DOCS}, "Get Position Info"`,
    path: PATHS.positions,
    when: of('inverse'),
    answer: list('inverse', position('BTCUSD', 'Sell', '300')),
    reading: {
      state: {
        positionMode: 'one-way',
        positions: [{ symbol: 'BTC/USD:BTC', side: 'short', amount: '300', changedAt: 1_697_673_600_012 }],
      },
    },
  },
  {
    name: 'an inverse position of an older server, without newer fields',
    source: `${JKORF}/JsonResponses/V5/Trading/GetPositionsAsync.txt`,
    path: PATHS.positions,
    when: of('inverse'),
    answer: list(
      'inverse',
      position('BTCUSD', 'Sell', '299', { avgPrice: '30004.5006751', liqPrice: '999999.00', isReduceOnly: undefined }),
    ),
    reading: { state: { positions: [{ symbol: 'BTC/USD:BTC', side: 'short', amount: '299' }] } },
  },
  {
    name: 'a contract that was never traded, with empty fields',
    source: `${JKORF}/JsonResponses/V5/Trading/GetPositionsAsync2.txt`,
    path: PATHS.positions,
    when: of('linear', 'USDC'),
    answer: list(
      'linear',
      position('BTCPERP', '', '0', { avgPrice: '', updatedTime: '', createdTime: '', positionStatus: '', seq: -1 }),
    ),
    reading: { state: { positions: [], unread: [] } },
  },
  {
    name: 'two positions and a closed one',
    source: `${NAUTILUS}/http_get_positions.json`,
    path: PATHS.positions,
    when: of('linear', 'USDT'),
    answer: list(
      'linear',
      position('BTCUSDT', 'Buy', '0.5', { avgPrice: '50000.00', takeProfit: '55000.00', stopLoss: '48000.00' }),
      position('ETHUSDT', 'Sell', '5.0', { avgPrice: '3000.00', updatedTime: '1697673700112' }),
      position('SOLUSDT', '', '0', { avgPrice: '0', liqPrice: '' }),
    ),
    reading: {
      state: {
        positions: [
          { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.5' },
          { symbol: 'ETH/USDT:USDT', side: 'short', amount: '5', changedAt: 1_697_673_700_112 },
        ],
      },
    },
  },
  {
    name: 'a position with its time of opening and without a sequence',
    source: `${NAUTILUS}/http_get_positions_with_open_time.json`,
    path: PATHS.positions,
    when: of('linear', 'USDT'),
    answer: list(
      'linear',
      position('LTCUSDT', 'Buy', '1', { seq: undefined, isReduceOnly: undefined, openTime: 1_700_000_000_123 }),
    ),
    reading: { state: { positions: [{ symbol: 'LTC/USDT:USDT', side: 'long', amount: '1' }] } },
  },
  {
    name: 'a short of a hundredth, as the stream shows it',
    source: `${NAUTILUS}/ws_account_position.json`,
    path: PATHS.positions,
    when: of('linear', 'USDT'),
    answer: list(
      'linear',
      position('ETHUSDT', 'Sell', '0.01', { avgPrice: undefined, entryPrice: '3641.075', riskId: 11 }),
    ),
    reading: { state: { positions: [{ symbol: 'ETH/USDT:USDT', side: 'short', amount: '0.01' }] } },
  },
  {
    name: 'a long of 75 XRP',
    source: GCT,
    path: PATHS.positions,
    when: of('linear', 'USDT'),
    answer: list('linear', position('XRPUSDT', 'Buy', '75', { entryPrice: '0.3615', takeProfit: '0', stopLoss: '0' })),
    reading: { state: { positions: [{ symbol: 'XRP/USDT:USDT', side: 'long', amount: '75' }] } },
  },
  {
    name: 'a position that is being deleveraged is held until then',
    source: `${DOCS}, "Enums Definitions" (positionStatus)`,
    path: PATHS.positions,
    when: of('linear', 'USDT'),
    answer: list('linear', position('BTCUSDT', 'Buy', '0.2', { positionStatus: 'Adl', adlRankIndicator: 5 })),
    reading: { state: { positions: [{ symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.2' }] } },
  },
  {
    name: 'a position under portfolio margin, without leverage and margin',
    source: `${DOCS}, "Get Position Info" (leverage, positionIM)`,
    path: PATHS.positions,
    when: of('linear', 'USDC'),
    answer: list(
      'linear',
      position('ETHPERP', 'Sell', '1.50', { riskId: 0, leverage: '', positionIM: '', positionMM: '' }),
    ),
    reading: { state: { positions: [{ symbol: 'ETH/USDC:USDC', side: 'short', amount: '1.5' }] } },
  },
  {
    name: 'both legs of hedge mode',
    source: `${DOCS}, "Get Position Info" (positionIdx)`,
    path: PATHS.positions,
    when: of('linear', 'USDT'),
    answer: list(
      'linear',
      position('BTCUSDT', 'Buy', '0.3', { positionIdx: 1 }),
      position('BTCUSDT', 'Sell', '0.1', { positionIdx: 2 }),
    ),
    reading: {
      state: {
        positionMode: 'hedge',
        positions: [
          { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.3' },
          { symbol: 'BTC/USDT:USDT', side: 'short', amount: '0.1' },
        ],
      },
    },
  },
  {
    name: 'a dated inverse contract',
    source: `${DOCS}, "Enums Definitions" (symbol: inverse futures)`,
    path: PATHS.positions,
    when: of('inverse'),
    answer: list('inverse', position('BTCUSDZ26', 'Buy', '120')),
    reading: { state: { positions: [{ symbol: 'BTC/USD:BTC-261225', side: 'long', amount: '120' }] } },
  },
];

const balances: ForeignAnswer[] = [
  {
    name: 'a wallet of nothing',
    source: `${DOCS}, "Get Wallet Balance"`,
    path: PATHS.wallet,
    answer: wallet(coin('BTC', '0', { spotBorrow: '0' })),
    reading: { state: { balances: [] } },
  },
  {
    name: 'a wallet of a server that knows no spot borrow',
    source: `${JKORF}/Endpoints/V5Api/Account/GetBalances.txt`,
    path: PATHS.wallet,
    answer: wallet(coin('BTC', '0'), coin('USDT', '12.5')),
    reading: { state: { balances: [{ currency: 'USDT', total: '12.5' }] } },
  },
  {
    name: 'a wallet with a currency that is only owed',
    source: `${NAUTILUS}/http_get_wallet_balance.json`,
    path: PATHS.wallet,
    answer: wallet(
      coin('BTC', '0', { spotBorrow: '0' }),
      coin('USDT', '1000.50', { spotBorrow: '0' }),
      coin('ETH', '0', { borrowAmount: '0.06142', accruedInterest: '0.02', spotBorrow: '0.06142' }),
    ),
    reading: {
      state: {
        balances: [
          { currency: 'USDT', total: '1000.5' },
          { currency: 'ETH', total: '-0.06142' },
        ],
      },
    },
  },
  {
    name: 'a wallet with a spot short',
    source: `${NAUTILUS}/http_get_wallet_balance_spot_short.json`,
    path: PATHS.wallet,
    answer: wallet(
      coin('ETH', '0', { usdValue: '-191.31', borrowAmount: '0.06142', spotBorrow: '0.06142' }),
      coin('USDT', '2500.00', { spotBorrow: '0' }),
    ),
    reading: {
      state: {
        balances: [
          { currency: 'ETH', total: '-0.06142' },
          { currency: 'USDT', total: '2500' },
        ],
      },
    },
  },
  {
    name: 'a wallet that holds more than it owns',
    source: `${NAUTILUS}/http_get_wallet_balance_with_spot_borrow.json`,
    path: PATHS.wallet,
    answer: wallet(coin('USDT', '1200.00', { equity: '1000.00', borrowAmount: '200.00', spotBorrow: '200.00' })),
    reading: { state: { balances: [{ currency: 'USDT', total: '1000' }] } },
  },
  {
    name: 'a wallet of six coins, one of them without interest',
    source: GCT,
    path: PATHS.wallet,
    answer: wallet(
      coin('USDC', '201.34882644', { equity: '200.62572554', unrealisedPnl: '74.2768991' }),
      coin('BTC', '0.06488393'),
      coin('ETH', '0'),
      coin('USDT', '11728.54414904', { equity: '11726.64664904' }),
      coin('EOS3L', '215.0570412', { accruedInterest: '', usdValue: '0' }),
      coin('BIT', '1.82', { accruedInterest: '' }),
    ),
    reading: {
      state: {
        balances: [
          { currency: 'USDC', total: '201.34882644' },
          { currency: 'BTC', total: '0.06488393' },
          { currency: 'USDT', total: '11728.54414904' },
          { currency: 'EOS3L', total: '215.0570412' },
          { currency: 'BIT', total: '1.82' },
        ],
      },
    },
  },
  {
    name: 'a wallet of which orders hold more than is there',
    source: `${NAUTILUS}/ws_account_wallet_locked_exceeds_total.json`,
    path: PATHS.wallet,
    answer: wallet(coin('USDT', '100.0', { totalOrderIM: '80.0', totalPositionIM: '40.0', spotBorrow: '0' })),
    reading: { state: { balances: [{ currency: 'USDT', total: '100' }] } },
  },
];

export const BYBIT_ACCOUNTS: readonly ForeignAnswer[] = [...positions, ...balances];
