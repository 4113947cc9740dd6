import { z } from 'zod';
import { decimal, id, symbol, time } from '../state-schema.js';

// The parts of Freqtrade's answers that are read (freqtrade/rpc/api_server/api_schemas.py; the same in 2024.10 and 2026.9).
// Other fields are ignored. Numbers are read from their text: Freqtrade writes floats, some with exponents.

/** `GET /show_config`. */
export const showConfigShape = z.object({
  dry_run: z.boolean(),
  /** ccxt's id; `binance` also for futures. */
  exchange: z.string(),
  trading_mode: z.string(),
  stake_currency: z.string(),
  bot_name: z.string(),
  /** "running", "paused", "stopped", "reload_config"; empty in webserver mode. */
  state: z.string(),
  runmode: z.string(),
});
export type ShowConfig = z.output<typeof showConfigShape>;

/** `GET /health`. The time at which the last loop ended, null until the first one has. */
export const healthShape = z.object({ last_process: time.nullable() });

/** An order of a trade: a filled or an open one. `safe_price` is average or price or stop price or the price as placed. */
const orderShape = z.object({
  order_id: id,
  is_open: z.boolean(),
  ft_order_side: z.enum(['buy', 'sell', 'stoploss']),
  order_type: z.string().min(1).max(100).nullish(),
  amount: decimal.nullish(),
  filled: decimal.nullish(),
  safe_price: decimal.nullish(),
  /** The fee in the base currency that Freqtrade has already taken off the trade's amount; null if it has taken off none. */
  ft_fee_base: decimal.nullish(),
});
export type FreqtradeOrder = z.output<typeof orderShape>;

/** An entry of `GET /status`: an open trade. Amounts are base units, also where the exchange counts contracts. */
export const tradeShape = z.object({
  pair: symbol,
  is_short: z.boolean(),
  /** What closed orders have filled. The fills of open orders are not in it. */
  amount: decimal,
  base_currency: z.string().min(1).max(100).nullish(),
  fee_open: decimal.nullish(),
  fee_open_currency: z.string().nullish(),
  orders: z.array(orderShape),
});
export type FreqtradeTrade = z.output<typeof tradeShape>;
