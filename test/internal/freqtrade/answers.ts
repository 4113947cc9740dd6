// Answers in the form of Freqtrade 2026.9 (api 2.50), with fields that are not read left in.

export const LAST_PROCESS = '2026-11-29T15:20:24.882391Z';
export const LAST_PROCESS_MS = Date.parse('2026-11-29T15:20:24.882Z');

export type Fields = Readonly<Record<string, unknown>>;

export function showConfig(fields: Fields = {}): Fields {
  return {
    version: '2026.9',
    strategy_version: null,
    api_version: 2.5,
    dry_run: false,
    trading_mode: 'futures',
    margin_mode: 'isolated',
    short_allowed: true,
    stake_currency: 'USDT',
    stake_amount: '1000',
    stoploss_on_exchange: true,
    exchange: 'binance',
    demo_trading: false,
    bot_name: 'alpha',
    state: 'running',
    runmode: 'live',
    ...fields,
  };
}

export function health(fields: Fields = {}): Fields {
  return { last_process: LAST_PROCESS, last_process_ts: 1_795_965_624, bot_startup_ts: 1_795_965_585, ...fields };
}

/** An open limit order that has filled nothing. */
export function order(fields: Fields = {}): Fields {
  return {
    pair: 'BTC/USDT:USDT',
    order_id: '8389765502',
    status: 'open',
    remaining: 0.04,
    amount: 0.04,
    safe_price: 49_000.5,
    cost: 0,
    filled: 0.0,
    ft_order_side: 'buy',
    order_type: 'limit',
    is_open: true,
    order_timestamp: 1_795_965_618_439,
    order_filled_timestamp: null,
    ft_fee_base: null,
    ...fields,
  };
}

/** A long of 0.04 BTC without open orders. */
export function trade(fields: Fields = {}): Fields {
  return {
    trade_id: 7,
    pair: 'BTC/USDT:USDT',
    base_currency: 'BTC',
    quote_currency: 'USDT',
    is_open: true,
    is_short: false,
    exchange: 'binance',
    amount: 0.04,
    amount_requested: 0.04081633,
    stake_amount: 1000.0,
    fee_open: 0.0004,
    fee_open_currency: 'USDT',
    stop_loss_abs: 44_100.0,
    has_open_orders: false,
    leverage: 2.0,
    trading_mode: 'futures',
    current_rate: 50_000.0,
    orders: [],
    ...fields,
  };
}
