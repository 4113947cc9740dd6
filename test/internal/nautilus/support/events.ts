/** Events as NautilusTrader stores them, with the fields that are read. */
const common = {
  trader_id: 'PROBE-001',
  strategy_id: 'TREND-001',
  instrument_id: 'BTCUSDT-PERP.BINANCE',
  client_order_id: 'O-1',
  ts_event: '1795867200000000000',
};
type Fields = Readonly<Record<string, unknown>>;

export function event(type: string, fields: Fields = {}): Record<string, unknown> {
  return { type, ...common, account_id: 'BINANCE-001', ...fields };
}

export function initialized(fields: Fields = {}): Record<string, unknown> {
  return {
    type: 'OrderInitialized',
    ...common,
    order_side: 'BUY',
    order_type: 'LIMIT',
    quantity: '0.100',
    quote_quantity: false,
    options: { price: '49000.0', display_qty: null, expire_time_ns: 0 },
    emulation_trigger: 'NO_TRIGGER',
    reconciliation: false,
    ...fields,
  };
}

export const submitted = (): Record<string, unknown> => event('OrderSubmitted');
export const accepted = (fields: Fields = {}): Record<string, unknown> =>
  event('OrderAccepted', { venue_order_id: '77', ...fields });
export const filled = (last_qty: string, fields: Fields = {}): Record<string, unknown> =>
  event('OrderFilled', { venue_order_id: '77', order_side: 'BUY', last_qty, reconciliation: false, ...fields });
