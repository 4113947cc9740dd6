import type { TradingMode } from '../../internal/freqtrade/books.js';
import type { Fields } from './answers.js';

// Queries for the internal state in a database. docs/sql-recipes.md has the same ones, and a test compares them.

const FREQTRADE_AS_OF = `select strftime('%Y-%m-%dT%H:%M:%fZ', max(at)) from
(select order_update_date as at from orders union all select datetime_value from "KeyValueStore") times
`;

const FREQTRADE_POSITIONS = `select pair as symbol, case when is_short then -amount else amount end as amount
from trades where is_open and trading_mode = 'FUTURES'
union all
select o.ft_pair, case when o.ft_order_side = 'buy' or (o.ft_order_side = 'stoploss' and t.is_short)
  then o.filled else -o.filled end
from orders o join trades t on t.id = o.ft_trade_id
where o.ft_is_open and o.filled > 0 and t.is_open and t.trading_mode = 'FUTURES'
`;

const FREQTRADE_ORDERS = `select o.order_id as id, o.ft_pair as symbol,
  case when o.ft_order_side <> 'stoploss' then o.ft_order_side when t.is_short then 'buy' else 'sell' end as side,
  coalesce(o.order_type, 'market') as type, o.price as price, o.stop_price as trigger_price,
  coalesce(o.amount, o.ft_amount) as amount, coalesce(o.filled, 0) as filled,
  o.ft_order_side = 'stoploss' as conditional
from orders o join trades t on t.id = o.ft_trade_id
where o.ft_is_open
`;

/** Queries for the SQLite file of a Freqtrade. On spot only orders can be compared. */
export function freqtradeQueries(mode: TradingMode): Fields {
  return {
    position_mode: 'one-way',
    as_of: FREQTRADE_AS_OF,
    ...(mode === 'futures' && { rows: 'trades', positions: FREQTRADE_POSITIONS }),
    orders: FREQTRADE_ORDERS,
  };
}

/** Examples that the user replaces. */
export const EXAMPLE_QUERIES: Fields = {
  as_of: 'select max(verified_at) from heartbeat',
  positions: 'select symbol, side, amount from positions where amount <> 0',
  orders: 'select id, client_order_id, symbol, side, type, price, trigger_price, amount, filled from open_orders',
};
