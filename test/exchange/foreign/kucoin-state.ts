import { answer, PATHS } from '../kucoin-fixtures.js';
import type { ForeignAnswer } from './answer-table.js';
import { inversePosition, olderPosition, position } from './kucoin-rows.js';
import { ACCOUNT_SDK, DOCS, JKORF, POSITIONS_SDK, entry, held } from './kucoin-sources.js';

/* Published positions, modes and wallets of KuCoin. */

export const POSITIONS: readonly ForeignAnswer[] = [
  entry(
    'a linear position, isolated',
    POSITIONS_SDK,
    PATHS.positions,
    answer([position()]),
    held({ symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.001' }),
  ),
  entry(
    'an inverse position, cross, whose value is below zero',
    POSITIONS_SDK,
    PATHS.positions,
    answer([inversePosition()]),
    held({ symbol: 'ETH/USD:ETH', side: 'long', amount: '1' }),
  ),
  entry(
    'both, as the page shows them',
    POSITIONS_SDK,
    PATHS.positions,
    answer([inversePosition(), position()]),
    held({ symbol: 'ETH/USD:ETH' }, { symbol: 'BTC/USDT:USDT' }),
  ),
  entry(
    'a short position',
    `${DOCS}/futures-trading/positions/get-position-list (currentQty)`,
    PATHS.positions,
    answer([position({ currentQty: -3, markValue: -204.96918 })]),
    held({ side: 'short', amount: '0.003' }),
  ),
  entry(
    'an older position without positionSide',
    `${JKORF}/Futures/Account/GetPositions.txt`,
    PATHS.positions,
    answer([olderPosition()]),
    held({ side: 'long', amount: '0.001' }),
  ),
  entry(
    'a position that was closed',
    `${DOCS}/futures-trading/positions/get-position-list (isOpen)`,
    PATHS.positions,
    answer([position({ currentQty: 0, isOpen: false, markValue: 0, avgEntryPrice: 0 })]),
    held(),
  ),
  entry(
    'a contract whose multiplier has changed',
    `${DOCS}/futures-trading/positions/get-position-list (markValue)`,
    PATHS.positions,
    answer([position({ markValue: 683.2306 })]),
    { unread: [{ scope: 'positions', symbol: 'BTC/USDT:USDT' }] },
  ),
  entry(
    'a contract that is being settled',
    `${DOCS}/futures-trading/market-data/get-all-symbols (BeingSettled)`,
    PATHS.positions,
    answer([position({ symbol: 'LUNAUSDTM' }), position()]),
    { unread: [{ symbol: 'LUNAUSDTM', code: 'SYMBOL_UNKNOWN' }] },
  ),
  entry(
    'an account in hedge mode without positions',
    `${DOCS}/futures-trading/positions/get-position-mode`,
    '/api/v2/position/getPositionMode',
    answer({ positionMode: 1 }),
    { state: { positionMode: 'hedge', positions: [] } },
  ),
  entry(
    'a classic account with sub-accounts',
    `${JKORF}/Unified/Account/GetAccountMode.txt`,
    PATHS.accountMode,
    answer({ selfAccountMode: 'CLASSIC', unifiedSubAccount: [], classicSubAccount: [252_110_001] }),
    { state: { positionMode: 'one-way' } },
  ),
  entry(
    'a unified account',
    `${JKORF}/Unified/Account/GetAccountMode.txt, the other word`,
    PATHS.accountMode,
    answer({ selfAccountMode: 'UNIFIED', unifiedSubAccount: [252_110_001], classicSubAccount: [] }),
    { fails: { kind: 'unsupported' } },
  ),
];

export const WALLETS: readonly ForeignAnswer[] = [
  entry(
    'the funding and the trading account of a coin',
    `${JKORF}/Spot/Account/GetAccounts.txt`,
    PATHS.accounts,
    answer([
      {
        id: '5bd6e9286d99522a52e40001',
        currency: 'BTC',
        type: 'main',
        balance: '237582.04299',
        available: '237582.032',
        holds: '0.01099',
      },
      {
        id: '5bd6e9216d99522a52e40002',
        currency: 'BTC',
        type: 'trade',
        balance: '1234356',
        available: '1234356',
        holds: '0',
      },
    ]),
    {
      state: {
        balances: [{ currency: 'BTC', total: '1234356' }],
        gaps: [
          { scope: 'balances:main', reason: 'the funding account holds BTC, and is not read' },
          { scope: 'balances:futures' },
        ],
      },
    },
  ),
  entry(
    'cross margin with an asset',
    `${ACCOUNT_SDK}, getCrossMarginAccount`,
    PATHS.crossMargin,
    answer({
      totalAssetOfQuoteCurrency: '40.8648372',
      totalLiabilityOfQuoteCurrency: '0',
      debtRatio: '0',
      status: 'EFFECTIVE',
      accounts: [
        {
          currency: 'USDT',
          total: '38.68855864',
          available: '20.01916691',
          hold: '18.66939173',
          liability: '0',
          liabilityPrincipal: '0',
          liabilityInterest: '0',
          maxBorrowSize: '163',
          borrowEnabled: true,
          transferInEnabled: true,
        },
      ],
    }),
    { gap: 'balances:margin: the margin accounts hold USDT, and are not read' },
  ),
  entry(
    'isolated margin with a debt',
    `${ACCOUNT_SDK}, getIsolatedMarginAccount`,
    PATHS.isolatedMargin,
    answer({
      totalAssetOfQuoteCurrency: '4.97047372',
      totalLiabilityOfQuoteCurrency: '0.00038891',
      timestamp: 1_747_303_659_773,
      assets: [
        {
          symbol: 'BTC-USDT',
          status: 'EFFECTIVE',
          debtRatio: '0',
          baseAsset: {
            currency: 'BTC',
            borrowEnabled: true,
            transferInEnabled: true,
            liability: '0',
            liabilityPrincipal: '0',
            liabilityInterest: '0',
            total: '0',
            available: '0',
            hold: '0',
            maxBorrowSize: '0',
          },
          quoteAsset: {
            currency: 'USDT',
            borrowEnabled: true,
            transferInEnabled: true,
            liability: '0.00038891',
            liabilityPrincipal: '0.00038888',
            liabilityInterest: '0.00000003',
            total: '4.97047372',
            available: '4.97047372',
            hold: '0',
            maxBorrowSize: '44',
          },
        },
      ],
    }),
    { gap: 'positions:spot: the margin accounts hold USDT and owe USDT, and are not read' },
  ),
  entry(
    'no such permission',
    `${DOCS}, "Response Code" 400007`,
    PATHS.crossMargin,
    { code: '400007', msg: 'Access denied--> Require more permission.' },
    { gap: 'balances:margin: the key may not ask what the margin accounts hold' },
  ),
  entry(
    'a wrong signature',
    `${DOCS}, "Response Code" 400005`,
    PATHS.accounts,
    { code: '400005', msg: 'Signature error' },
    { fails: { kind: 'authentication' } },
  ),
];
