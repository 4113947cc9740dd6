import type { Order } from '../../packages/exchange-simulator/src/engine/order.js';
import type { EventKind } from './script.js';
import type { World } from './world.js';
import { isBots } from './believed-state.js';

/** Share of events that the bots are never notified of, if the event itself makes the drift. */
const OUTSIDE_LOSS = 0.6;

/** Executes one event, if the world allows it: a cancel needs an order. */
export function happen(world: World, kind: EventKind): void {
  if (BY_BOTS.has(kind) && world.frozenUntil(world.agenda.now) !== null) return;
  HAPPENINGS[kind](world);
}

/** Events that frozen bots do not cause. */
const BY_BOTS: ReadonlySet<EventKind> = new Set([
  'botLimit',
  'botMarket',
  'botStop',
  'botAmend',
  'botCancel',
  'resync',
  'restart',
  'restartForgetting',
  'storm',
  'roundTrips',
  'hesitate',
  'requote',
]);

const HAPPENINGS: Record<EventKind, (world: World) => void> = {
  botLimit: (world) => world.submit(restingOrder(world)),
  botMarket: (world) => world.submit({ ...anyOrder(world), type: 'market' }),
  botStop: (world) => world.submit(stopOrder(world)),
  botAmend: (world) => withBotsOrder(world, (id) => world.request(() => amend(world, id, 'bot'))),
  botCancel: (world) => withBotsOrder(world, (id) => cancelAsBot(world, id)),
  fillPart: (world) => withOpenOrder(world, isLimit, (order) => fill(world, order, true)),
  fillWhole: (world) => withOpenOrder(world, isLimit, (order) => fill(world, order, false)),
  priceMove: (world) => {
    const symbol = anySymbol(world);
    const price = Math.round(Number(world.engine.price(symbol)) * (1 + world.fate.between(-25, 25) / 1000));
    world.attempt(() => world.engine.setPrice(symbol, String(price)));
  },
  expire: (world) =>
    withOpenOrder(
      world,
      () => true,
      (order) => world.engine.expire({ account: order.account, id: order.id }),
    ),
  humanLimit: (world) => {
    const order = restingOrder(world);
    world.attempt(() => world.engine.place(world.account.id, 'manual', order));
  },
  humanMarket: (world) => {
    const order = anyOrder(world);
    world.attempt(() => world.engine.place(world.account.id, 'manual', { ...order, type: 'market' }));
  },
  humanClose: (world) => {
    if (world.script.kind === 'spot') return humanSells(world);
    const held = world.account.positions().filter(({ amount }) => amount !== '0');
    const position = world.fate.pick(held);
    if (position === null) return;
    const { symbol, slot } = position;
    const isShort = position.amount.startsWith('-');
    const amount = isShort ? position.amount.slice(1) : position.amount;
    const leg = slot === 'net' ? {} : { positionSide: slot };
    const side = isShort ? 'buy' : 'sell';
    world.attempt(() =>
      world.engine.place(world.account.id, 'manual', { symbol, side, type: 'market', amount, ...leg }),
    );
  },
  humanCancel: (world) => {
    world.losingAll = world.fate.chance(OUTSIDE_LOSS);
    withOpenOrder(world, isBots, ({ account, id }) => world.engine.cancel({ account, id }, 'manual'));
  },
  humanAmend: (world) => {
    world.losingAll = world.fate.chance(OUTSIDE_LOSS);
    withOpenOrder(world, isBots, ({ id }) => world.attempt(() => amend(world, id, 'manual')));
  },
  humanCancelsOwn: (world) =>
    withOpenOrder(
      world,
      (order) => !isBots(order),
      ({ account, id }) => world.engine.cancel({ account, id }, 'manual'),
    ),
  transfer: (world) => {
    const currency = world.fate.pick(world.kind.currencies) ?? 'USDT';
    const sign = world.fate.chance(0.5) ? '-' : '';
    const amount = currency === 'USDT' ? `${world.fate.between(1, 500)}.5` : `0.${world.fate.between(1, 5)}`;
    world.transfer(currency, sign + amount);
  },
  liquidate: (world) => {
    const position = world.fate.pick(world.account.positions().filter(({ amount }) => amount !== '0'));
    if (position === null) return;
    const side = position.amount.startsWith('-') ? 'short' : 'long';
    world.attempt(() => world.engine.liquidate(world.account.id, position.symbol, side));
  },
  resync: (world) => world.resync(),
  restart: (world) => world.restart(world.fate.between(1, 60) * 1000, true),
  restartForgetting: (world) => world.restart(world.fate.between(1, 60) * 1000, false),
  storm: (world) => storm(world),
  fillUnseen: (world) => {
    world.losingAll = world.fate.chance(OUTSIDE_LOSS);
    withOpenOrder(world, isBotsLimit, (order) => fill(world, order, true));
  },
  roundTrips: (world) => trade(world, world.fate.between(4, 14), () => world.fate.between(4, 40) * 1000),
  hesitate: (world) => hesitate(world),
  requote: (world) => requote(world),
  freeze: (world) => world.freeze(world.fate.between(20, 900) * 1000),
  unknownWord: (world) => {
    const list = world.fate.pick(['positions', 'orders', 'balances'] as const) ?? 'orders';
    const symbol = list === 'balances' ? world.fate.pick(world.kind.currencies) : anySymbol(world);
    const side = world.fate.chance(0.5) ? ('exchange' as const) : ('internal' as const);
    const until = world.agenda.now + world.fate.between(5, 400) * 1000;
    world.oddRows.push({ side, list, symbol: symbol ?? 'USDT', until });
  },
  delist: (world) => {
    const symbol = anySymbol(world);
    if (world.symbols().length > 1) world.change(() => world.engine.closeMarket(symbol));
  },
  rename: (world) => {
    const symbol = anySymbol(world);
    const [pair = '', ...rest] = symbol.split(/(?=:)/);
    const [base = '', quote = ''] = pair.split('/');
    const renamed = { symbol: [`${base}X/${quote}`, ...rest].join(''), base: `${base}X` };
    // A currency that gets a new name is another event.
    if (world.script.kind === 'spot' || world.script.kind === 'inverse' || base.endsWith('X')) return;
    world.attempt(() => world.change(() => world.engine.renameMarket(symbol, renamed)));
  },
  gap: (world) => (world.gapUntil = world.agenda.now + world.fate.between(5, 60) * 1000),
};

/** A bot trades so fast that positions change during every attempt to read them together with orders. */
function storm(world: World): void {
  if (world.script.mostDelayMs === 0) trade(world, 300, () => 200);
  else trade(world, 25, () => 900);
}

/** A bot repeatedly opens and closes a position: a position that was gone returns with the same value. */
function trade(world: World, times: number, pauseMs: () => number): void {
  const symbol = anySymbol(world);
  const [first, second] = world.fate.chance(0.5) ? (['buy', 'sell'] as const) : (['sell', 'buy'] as const);
  const leg = world.script.hedge ? ({ positionSide: first === 'buy' ? 'long' : 'short' } as const) : {};
  const amount = world.kind.amountOf(world.fate.between(1, 3));
  let at = world.agenda.now;
  for (let i = 0; i < times; i += 1) {
    const side = i % 2 === 0 ? first : second;
    world.agenda.at(at, () => world.submit({ symbol, side, type: 'market', amount, ...leg }));
    at += pauseMs();
  }
}

/**
 * A bot writes a request into its state, and removes it when the exchange refuses. That always takes less than the
 * confirm interval, and no request repeats.
 */
function hesitate(world: World): void {
  if (world.script.pageEveryMs !== null) return;
  withOpenOrder(world, isBotsLimit, ({ id, price }) => {
    let at = world.agenda.now;
    for (let i = 1; i <= 12; i += 1) {
      const asked = String(Number(price) + world.nextVainPrice++);
      const forMs = world.fate.between(3000, 8000);
      world.agenda.at(at, () => world.askInVain(id, asked, forMs));
      at += forMs + 500;
    }
  });
}

/** A bot repeatedly cancels its newest order and places another: the head of the list of orders keeps changing. */
function requote(world: World): void {
  let at = world.agenda.now;
  for (let i = 0; i < 15; i += 1) {
    world.agenda.at(at, () => withNewestBotsOrder(world, (id) => cancelAsBot(world, id)));
    at += world.fate.between(300, 1500);
    world.agenda.at(at, () => world.submit(restingOrder(world)));
    at += world.fate.between(300, 1500);
  }
}

interface AnyOrder {
  symbol: string;
  side: 'buy' | 'sell';
  amount: string;
  positionSide?: 'long' | 'short';
}

function anySymbol(world: World): string {
  return world.fate.pick(world.symbols()) ?? world.kind.markets[0]?.symbol ?? '';
}

function humanSells(world: World): void {
  const { base, symbol } = world.engine.market(anySymbol(world));
  const lots = Math.floor(Number(world.account.wallet.get(base)?.balance ?? '0') * 10);
  if (lots < 1) return;
  const amount = world.kind.amountOf(lots);
  world.attempt(() => world.engine.place(world.account.id, 'manual', { symbol, side: 'sell', type: 'market', amount }));
}

/** Few different amounts, so that values recur and positions sometimes close on their own. */
function anyOrder(world: World): AnyOrder {
  const { fate, script } = world;
  const symbol = anySymbol(world);
  const side = fate.chance(0.5) ? 'buy' : 'sell';
  const amount = world.kind.amountOf(fate.between(1, 4));
  return { symbol, side, amount, ...(script.hedge ? { positionSide: fate.chance(0.5) ? 'long' : 'short' } : {}) };
}

/** A limit order that does not fill at once. */
function restingOrder(world: World): AnyOrder & { type: 'limit'; price: string } {
  const order = anyOrder(world);
  const away = world.fate.between(5, 40) / 1000;
  return { ...order, type: 'limit', price: priceAway(world, order.symbol, order.side === 'buy' ? -away : away) };
}

function stopOrder(world: World): AnyOrder & { type: 'stop_market'; triggerPrice: string } {
  const order = anyOrder(world);
  const away = world.fate.between(5, 30) / 1000;
  const triggerPrice = priceAway(world, order.symbol, order.side === 'buy' ? away : -away);
  return { ...order, type: 'stop_market', triggerPrice };
}

function priceAway({ engine }: World, symbol: string, share: number): string {
  return String(Math.round(Number(engine.price(symbol)) * (1 + share)));
}

function isLimit({ type }: Order): boolean {
  return type === 'limit';
}

function isBotsLimit(order: Order): boolean {
  return isBots(order) && isLimit(order);
}

function withOpenOrder(world: World, wanted: (order: Order) => boolean, action: (order: Order) => void): void {
  const order = world.fate.pick(world.account.open().filter(wanted));
  if (order !== null) action(order);
}

function withBotsOrder(world: World, action: (id: string) => void): void {
  const id = world.fate.pick(world.openBotOrderIds());
  if (id !== null) action(id);
}

function withNewestBotsOrder(world: World, action: (id: string) => void): void {
  const id = world.openBotOrderIds().at(-1);
  if (id !== undefined) action(id);
}

function cancelAsBot(world: World, id: string): void {
  world.request(() => world.engine.cancel({ account: world.account.id, id }, 'bot'));
}

function fill(world: World, order: Order, isPart: boolean): void {
  const steps = world.kind.lotsOf(order.amount ?? '0') - world.kind.lotsOf(order.filled);
  const amount = isPart && steps > 1 ? world.kind.amountOf(world.fate.between(1, Math.min(steps - 1, 9))) : undefined;
  world.attempt(() => world.engine.fillOrder({ account: order.account, id: order.id }, { amount }));
}

function amend(world: World, id: string, actor: 'bot' | 'manual'): void {
  const order = world.account.openOrders.get(id);
  if (order === undefined) return;
  const reference = { account: order.account, id };
  if (order.triggerPrice !== null) {
    const away = world.fate.between(5, 30) / 1000;
    world.engine.amend(
      reference,
      { triggerPrice: priceAway(world, order.symbol, order.side === 'buy' ? away : -away) },
      actor,
    );
  } else if (world.fate.chance(0.3)) {
    world.engine.amend(reference, { amount: world.kind.amountOf(world.fate.between(2, 9)) }, actor);
  } else {
    const away = world.fate.between(5, 40) / 1000;
    world.engine.amend(
      reference,
      { price: priceAway(world, order.symbol, order.side === 'buy' ? -away : away) },
      actor,
    );
  }
}
