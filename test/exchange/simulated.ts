import { createExchangeReader } from '../../src/exchange/create-exchange-reader.js';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import { isZero, normalizeDecimal, absoluteDecimal, signOf } from '../../src/domain/decimal/decimal.js';
import type { OpenOrder, Position, Snapshot } from '../../src/domain/snapshot/snapshot.js';
import type { Market } from '../../packages/exchange-simulator/src/engine/market.js';
import { isConditional, type Order, type OrderRequest } from '../../packages/exchange-simulator/src/engine/order.js';
import {
  DEMO_ACCOUNT,
  DEMO_CREDENTIALS,
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../../packages/exchange-simulator/src/simulator.js';
import { fakeRedactor } from './readers.js';

type ShownPosition = Pick<Position, 'symbol' | 'side' | 'amount'>;
type ShownOrder = Omit<OpenOrder, 'type' | 'changedAt' | 'parent'>;

/** What readers learn of an exchange (markets, bans) belongs to its address, so no address serves two tests. */
const served = new Set<string>();

async function startElsewhere(options: SimulatorOptions): Promise<Simulator> {
  for (;;) {
    const simulator = await startSimulator(options);
    if (!served.has(simulator.url)) {
      served.add(simulator.url);
      return simulator;
    }
    await simulator.close();
  }
}

/**
 * The simulator on one side and the reader on the other: what the reader says over an exchange's wire must be what the
 * engine behind that wire knows. The wires were written from the exchanges' documentation and the profiles too, each without
 * the other, so that a mistake of one shows here.
 */
export class Simulated {
  private constructor(
    readonly simulator: Simulator,
    readonly reader: ExchangeInspector,
    private readonly clock: { lateMs: number },
  ) {}

  static async start(
    exchangeId: string,
    options: { credentials?: Record<string, string>; markets?: readonly Market[] } = {},
  ): Promise<Simulated> {
    const clock = { lateMs: 0 };
    const simulator = await startElsewhere({
      port: 0,
      now: () => Date.now() - clock.lateMs,
      ...(options.markets === undefined ? {} : { markets: options.markets }),
    });
    const reader = await createExchangeReader(
      {
        id: exchangeId,
        credentials: {},
        baseUrl: `${simulator.url}/${exchangeId}`,
        deadlineSeconds: 30,
        weightPerMinute: null,
      },
      options.credentials ?? { ...DEMO_CREDENTIALS },
      { redactor: fakeRedactor() },
    );
    return new Simulated(simulator, reader, clock);
  }

  /** How far the exchange's clock is behind ours: to do something long ago, before anything is read. */
  get lateMs(): number {
    return this.clock.lateMs;
  }

  set lateMs(lateMs: number) {
    this.clock.lateMs = lateMs;
  }

  async stop(): Promise<void> {
    await this.reader.close();
    await this.simulator.close();
  }

  place(request: OrderRequest): Order {
    return this.simulator.engine.place(DEMO_ACCOUNT, 'manual', request);
  }

  cancel({ id }: Order): void {
    this.simulator.engine.cancel({ account: DEMO_ACCOUNT, id }, 'manual');
  }

  fill({ id }: Order, amount?: string): void {
    this.simulator.engine.fillOrder({ account: DEMO_ACCOUNT, id }, { amount });
  }

  private get account() {
    return this.simulator.engine.account(DEMO_ACCOUNT);
  }

  /** What the engine holds, in the words of a snapshot. */
  truePositions(): ShownPosition[] {
    const held = this.account.positions().filter(({ amount }) => !isZero(amount));
    return bySymbol(
      held.map(({ symbol, amount }) => ({
        symbol,
        side: signOf(amount) > 0 ? 'long' : 'short',
        amount: normalizeDecimal(absoluteDecimal(amount)),
      })),
    );
  }

  trueOrders(): ShownOrder[] {
    return byId(this.account.open().map(openOrderOf));
  }

  trueBalances(): Record<string, string> {
    const held = [...this.account.wallet].filter(([, { balance }]) => !isZero(balance));
    return Object.fromEntries(held.map(([currency, { balance }]) => [currency, normalizeDecimal(balance)]));
  }
}

/** Positions of a snapshot, as `truePositions` shows them. */
export function positionsOf({ positions }: Snapshot): ShownPosition[] {
  return bySymbol(positions.map(({ symbol, side, amount }) => ({ symbol, side, amount: normalizeDecimal(amount) })));
}

/** Orders of a snapshot, as `trueOrders` shows them. */
export function ordersOf({ orders }: Snapshot): ShownOrder[] {
  return byId(
    orders.map(({ type: _type, changedAt: _changedAt, parent: _parent, ...order }) => ({
      ...order,
      price: textOf(order.price),
      triggerPrice: textOf(order.triggerPrice),
      amount: textOf(order.amount),
      filled: normalizeDecimal(order.filled),
    })),
  );
}

export function balancesOf({ balances }: Snapshot): Record<string, string> {
  return Object.fromEntries(balances.map(({ currency, total }) => [currency, normalizeDecimal(total)]));
}

/** An engine's order as a reader that saw it open remembers it. */
export function rememberedOrder(order: Order, changedAt: number | null = order.updatedAt): OpenOrder {
  return { ...openOrderOf(order), type: order.type, changedAt };
}

/** A trailing order has no trigger price of its own, but the price from which it trails. */
function openOrderOf(order: Order): ShownOrder {
  return {
    id: order.id,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    price: textOf(order.price),
    triggerPrice: isConditional(order.type)
      ? textOf(order.triggerPrice ?? order.trailing?.activationPrice ?? null)
      : null,
    amount: textOf(order.amount),
    filled: normalizeDecimal(order.filled),
    conditional: isConditional(order.type),
  };
}

function textOf(decimal: string | null): string | null {
  return decimal === null ? null : normalizeDecimal(decimal);
}

function bySymbol<T extends { symbol: string; side: string }>(rows: T[]): T[] {
  return rows.toSorted((a, b) => `${a.symbol} ${a.side}`.localeCompare(`${b.symbol} ${b.side}`));
}

function byId<T extends { id: string | null }>(rows: T[]): T[] {
  return rows.toSorted((a, b) => String(a.id).localeCompare(String(b.id)));
}
