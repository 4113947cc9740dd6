import { deliveryPath } from '../gate-fixtures.js';
import type { ForeignAnswer } from './answer-table.js';
import { AT, CCXT, DOCS, JKORF, MODELS, entry, held, paged } from './gate-sources.js';
import { account, position, textPosition } from './gate-rows.js';

/* Published positions and accounts of Gate's futures products. */

export const POSITIONS: readonly ForeignAnswer[] = [
  entry(
    'a short position of whole contracts',
    `${JKORF}/PerpetualFutures/Trading/GetPositions.txt`,
    AT.positions,
    paged([position()]),
    held({ symbol: 'BTC/USDT:USDT', side: 'short', amount: '0.944', changedAt: 1_684_994_406_000 }),
  ),
  entry(
    'a long position with numbers as texts',
    `${CCXT}, fetchPositions`,
    AT.positions,
    paged([textPosition()]),
    held({ symbol: 'LTC/USDT:USDT', side: 'long', amount: '0.1', changedAt: 1_705_052_585_000 }),
  ),
  entry(
    'a fraction of a contract (enable_decimal)',
    `${MODELS}/Contract.md and Position.md`,
    AT.positions,
    paged([textPosition({ contract: 'LAB_USDT', size: '0.4', value: undefined })]),
    held({ symbol: 'LAB/USDT:USDT', side: 'long', amount: '40' }),
  ),
  entry(
    'a fraction of a contract, short',
    `${MODELS}/Contract.md and Position.md`,
    AT.positions,
    paged([textPosition({ contract: 'LAB_USDT', size: '-1.7', value: undefined })]),
    held({ symbol: 'LAB/USDT:USDT', side: 'short', amount: '170' }),
  ),
  entry(
    'a closed position among others',
    `${DOCS}, "Get user position list"`,
    AT.positions,
    paged([position({ size: 0, value: '0' }), textPosition()]),
    held({ symbol: 'LTC/USDT:USDT' }),
  ),
  entry(
    'a contract whose value shows another multiplier',
    `${JKORF}/PerpetualFutures/Trading/GetPositions.txt`,
    AT.positions,
    paged([position({ value: '35686.2' })]),
    { unread: [{ scope: 'positions:linear:USDT', symbol: 'BTC/USDT:USDT' }] },
  ),
  entry(
    'a position of a split mode',
    `${MODELS}/FuturesAccount.md (dual_plus)`,
    AT.positions,
    paged([position({ mode: 'dual_plus_long' })]),
    { unread: [{ symbol: 'BTC/USDT:USDT', code: 'ROW_UNREADABLE' }] },
  ),
  entry(
    'a position of a contract that was delisted',
    `${DOCS}, "Contract" (in_delisting)`,
    AT.positions,
    paged([position({ contract: 'FTT_USDT' })]),
    { unread: [{ symbol: 'FTT_USDT', code: 'SYMBOL_UNKNOWN' }] },
  ),
  entry(
    'an account in hedge mode, by the older field',
    `${JKORF}/PerpetualFutures/Account/GetAccount.txt`,
    AT.usdt('accounts'),
    account({ in_dual_mode: true }),
    { state: { positionMode: 'hedge' } },
  ),
  entry(
    'an account in one-way mode',
    `${JKORF}/PerpetualFutures/Account/GetAccount.txt`,
    AT.usdt('accounts'),
    account(),
    {
      state: { positionMode: 'one-way' },
    },
  ),
  entry(
    'an account with split positions',
    `${MODELS}/FuturesAccount.md (position_mode)`,
    AT.usdt('accounts'),
    account({ position_mode: 'dual_plus' }),
    { state: { positionMode: null } },
  ),
  entry(
    'a unified account, single-currency margin',
    `${MODELS}/FuturesAccount.md (margin_mode 3)`,
    AT.usdt('accounts'),
    account({ margin_mode: 3 }),
    { gap: "balances: a unified account's wallet is not read" },
  ),

  entry(
    'a position of a dated contract',
    `${DOCS}, "Get user position list" of delivery`,
    deliveryPath('positions'),
    [position({ contract: 'BTC_USDT_20251226', update_id: 1, risk_limit_table: 'BIG_HOT_COIN_50X_V2' })],
    held({ symbol: 'BTC/USDT:USDT-251226', side: 'short', amount: '0.944' }),
  ),
];
