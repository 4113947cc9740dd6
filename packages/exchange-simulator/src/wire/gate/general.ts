import { GateError } from './errors.js';
import { idOf, open, signed, spotListed, type Route, type SignedCall, type WireCall } from './route.js';
import { MAKER_RATE, TAKER_RATE } from './futures-rows.js';
import { decimalsOf } from '../../engine/rounding.js';
import { userIdOf } from '../user-id.js';

/**
 * The clock, currencies and pairs, the account's mode and totals, the key's permissions: "Get server current time",
 * "List all currencies' details", "List all currency pairs supported", "Get account detail", "Query personal account
 * totals", "Query all main account key information" and models AccountDetail, AccountKeyInfo, AccountKeyInfoPerms of
 * https://www.gate.com/docs/developers/apiv4/en/.
 */
export const GENERAL: Route[] = [
  open('/spot/time', ({ now }) => ({ server_time: now })),
  open('/spot/currencies', currencies),
  open('/spot/currency_pairs', pairs),
  // Empty, because margin, delivery and options are not simulated; nobody has a delivery account.
  open('/margin/currency_pairs', () => []),
  open('/margin/uni/currency_pairs', () => []),
  open('/unified/currencies', () => []),
  open('/delivery/:settle/contracts', () => []),
  open('/options/underlyings', () => []),
  signed('GET', '/delivery/:settle/accounts', () => {
    throw new GateError('USER_NOT_FOUND', 'please transfer funds first to create delivery account');
  }),
  signed('GET', '/wallet/total_balance', totalBalance),
  signed('GET', '/account/detail', ({ account, key }) => ({
    user_id: userIdOf(account.id),
    ip_whitelist: key.ipRestricted ? ['127.0.0.1'] : [],
    currency_pairs: [],
    // A classic account; 2 would be a unified one.
    key: { mode: 1 },
    tier: 0,
    tier_expire_time: '0001-01-01T00:00:00Z',
    copy_trading_role: 0,
  })),
  signed('GET', '/account/main_keys', ({ account, key }) => ({
    state: 1,
    mode: 1,
    name: ['simulator'],
    user_id: userIdOf(account.id),
    currency_pairs: [],
    ip_whitelist: key.ipRestricted ? ['127.0.0.1'] : [],
    perms: [
      { name: 'spot', read_only: !key.canTrade },
      { name: 'futures', read_only: !key.canTrade },
      { name: 'wallet', read_only: true },
      { name: 'account', read_only: true },
      ...(key.canWithdraw ? [{ name: 'withdraw', read_only: false }] : []),
    ],
    key: { mode: 1 },
  })),
];

/** An estimate of each account, in USDT. The engine has one wallet, which is shown as the spot account. */
function totalBalance({ account }: SignedCall): unknown {
  const nothing = { currency: 'USDT', amount: '0' };
  const spot = { currency: 'USDT', amount: account.wallet.get('USDT')?.balance ?? '0' };
  const futures = { ...nothing, unrealised_pnl: '0.00' };
  const details = { spot, futures, margin: { ...nothing, borrowed: '0.00' }, finance: nothing, quant: nothing };
  return { details, total: { ...spot, unrealised_pnl: '0.00', borrowed: '0.00' } };
}

function currencies({ engine }: WireCall): unknown {
  const all = new Set(engine.markets('gate').flatMap(({ base, quote }) => [base, quote]));
  return [...all].map((currency) => ({
    currency,
    name: currency,
    delisted: false,
    withdraw_disabled: false,
    withdraw_delayed: false,
    deposit_disabled: false,
    trade_disabled: false,
    chain: currency,
    chains: [],
  }));
}

function pairs({ engine }: WireCall): unknown {
  return spotListed(engine).map((market) => ({
    id: idOf(market),
    base: market.base,
    base_name: market.base,
    quote: market.quote,
    quote_name: market.quote,
    fee: '0.04',
    maker_fee_rate: MAKER_RATE,
    taker_fee_rate: TAKER_RATE,
    min_base_amount: market.amountStep,
    min_quote_amount: market.minNotional,
    max_quote_amount: '5000000',
    amount_precision: decimalsOf(market.amountStep),
    precision: decimalsOf(market.priceStep),
    trade_status: 'tradable',
    sell_start: 0,
    buy_start: 0,
    delisting_time: 0,
    type: 'normal',
    trade_url: '',
    st_tag: false,
  }));
}
