/**
 * What a method of ccxt means for the record. `one`, `rows`, `open` and `trades` read; `byValue` calls `create` with an amount in
 * the quote currency; of `untold` the exchange makes the orders, and the answer does not say which.
 */
export type Kind =
  | 'create'
  | 'createAll'
  | 'edit'
  | 'editAll'
  | 'cancel'
  | 'cancelAll'
  | 'byValue'
  | 'untold'
  | 'one'
  | 'rows'
  | 'open'
  | 'trades';

const ORDER = ['symbol', 'type', 'side', 'amount', 'price', 'params'];
const ONE = ['id', 'symbol', 'params'];
const LIST = ['symbol', 'since', 'limit', 'params'];
const LISTS = ['symbols', 'since', 'limit', 'params'];

const REST: Readonly<Record<string, readonly [Kind, readonly string[]]>> = {
  createOrder: ['create', ORDER],
  createOrders: ['createAll', ['orders', 'params']],
  editOrder: ['edit', ['id', ...ORDER]],
  editOrders: ['editAll', ['orders', 'params']],
  cancelOrder: ['cancel', ONE],
  cancelOrders: ['cancel', ['ids', 'symbol', 'params']],
  cancelOrdersForSymbols: ['cancel', ['orders', 'params']],
  closePosition: ['untold', ['symbol', 'side', 'params']],
  closeAllPositions: ['untold', ['params']],
  createTwapOrder: ['untold', ['symbol', 'side', 'amount', 'duration', 'params']],
  cancelAllOrders: ['cancelAll', ['symbol', 'params']],
  createMarketOrderWithCost: ['byValue', []],
  createMarketBuyOrderWithCost: ['byValue', []],
  createMarketSellOrderWithCost: ['byValue', []],
  fetchOrder: ['one', ONE],
  fetchOpenOrder: ['one', ONE],
  fetchClosedOrder: ['rows', ONE],
  fetchOpenOrders: ['open', LIST],
  fetchOrders: ['rows', LIST],
  fetchClosedOrders: ['rows', LIST],
  fetchCanceledOrders: ['rows', LIST],
  fetchCanceledAndClosedOrders: ['rows', LIST],
  fetchMyTrades: ['trades', LIST],
  fetchOrderTrades: ['trades', ['id', ...LIST]],
};

/** Each method that is watched, with the names of its arguments. The websocket methods have the same arguments and answers. */
export const METHODS: ReadonlyMap<string, readonly [Kind, readonly string[]]> = new Map([
  ...Object.entries(REST),
  ...Object.entries(REST).map(([name, method]) => [`${name}Ws`, method] as const),
  ['watchOrders', ['rows', LIST]],
  ['watchOrdersForSymbols', ['rows', LISTS]],
  ['watchMyTrades', ['trades', LIST]],
  ['watchMyTradesForSymbols', ['trades', LISTS]],
]);

/** The name of a method in texts, which are the same in each language. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function isCreate(kind: Kind): boolean {
  return kind === 'create' || kind === 'createAll';
}

/** Whether the call creates or changes orders: without an answer nobody knows whether it worked. */
export function isPlacing(kind: Kind): boolean {
  return isCreate(kind) || kind === 'edit' || kind === 'editAll';
}

export function isWriting(kind: Kind): boolean {
  return isPlacing(kind) || kind === 'cancel' || kind === 'cancelAll' || kind === 'untold';
}
