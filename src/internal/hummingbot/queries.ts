import type { HummingbotConfig } from '../../config/hummingbot-config.js';
import type { SqlConfig } from '../../config/sql-config.js';

/** The dialect's way to read a JSON map of orders: names and fields of `saved_state`. */
interface Dialect {
  name: string;
  each: string;
  field: (name: string) => string;
}

const SQLITE: Dialect = {
  name: 'o.key',
  each: 'json_each(m.saved_state) o',
  field: (name) => `json_extract(o.value, '$.${name}')`,
};
const POSTGRESQL: Dialect = {
  name: 'o.key',
  each: 'json_each(m.saved_state) o',
  field: (name) => `(o.value ->> '${name}')`,
};

/** The states in which an order has ended: CANCELED, FILLED, FAILED, COMPLETED (OrderState in core/data_type/in_flight_order.py). */
const ENDED = "'3', '5', '6', '10'";

/**
 * The queries for Hummingbot's tables. Orders come from the recorder's last copy of the connector's in-flight orders, whose
 * numbers are exact texts; the table "Order" has them cut to six digits, and no side. A state that is not known counts as open.
 * Positions are sums of fills in millionths.
 */
export function queriesOf({ database, connector, configFile, positions }: HummingbotConfig): SqlConfig['queries'] {
  const { name, each, field } = database.kind === 'sqlite' ? SQLITE : POSTGRESQL;
  const of = (table: string): string =>
    `${table}.market = ${quoted(connector)}${configFile === null ? '' : ` and ${table}.config_file_path = ${quoted(configFile)}`}`;
  const price = field('price');
  return {
    as_of: `select m.timestamp from "MarketState" m where ${of('m')}`,
    orders: `select ${field('exchange_order_id')} as id, ${name} as client_order_id, ${field('trading_pair')} as symbol,
      lower(${field('trade_type')}) as side, lower(${field('order_type')}) as type,
      case when lower(${price}) in ('nan', 'none') then null else ${price} end as price,
      ${field('amount')} as amount, ${field('executed_amount_base')} as filled
      from "MarketState" m, ${each} where ${of('m')} and coalesce(${field('last_state')}, '') not in (${ENDED})`,
    ...(positions
      ? {
          positions: `select f.symbol, sum(case f.trade_type when 'BUY' then f.amount when 'SELL' then -f.amount end) as amount
            from "TradeFill" f where ${of('f')} group by f.symbol
            having sum(case f.trade_type when 'BUY' then f.amount when 'SELL' then -f.amount end) <> 0`,
        }
      : {}),
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
