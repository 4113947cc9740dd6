import type { Difference } from '../../src/domain/difference/difference.js';
import type { Balance, OpenOrder, Position, Side, Snapshot } from '../../src/domain/snapshot/snapshot.js';

/** Carries out the first half of each remedy: the bot's state becomes that of the exchange for each key. */
export function adoptExchange(internal: Snapshot, differences: readonly Difference[]): Snapshot {
  return fixed(internal, differences, 'internal');
}

/** Carries out the second half of each remedy: the exchange becomes the bot's state for each key. */
export function restoreExchange(exchange: Snapshot, differences: readonly Difference[]): Snapshot {
  return fixed(exchange, differences, 'exchange');
}

function fixed(state: Snapshot, differences: readonly Difference[], side: Side): Snapshot {
  const other = side === 'internal' ? 'exchange' : 'internal';
  const removedOrders = new Set<OpenOrder>();
  const addedOrders: OpenOrder[] = [];
  const amendedOrders = new Map<OpenOrder, Partial<OpenOrder>>();
  const amend = (row: OpenOrder, terms: Partial<OpenOrder>): void => {
    amendedOrders.set(row, { ...amendedOrders.get(row), ...terms });
  };
  let positions: Position[] = state.positions;
  let balances: Balance[] = state.balances;

  for (const difference of differences) {
    switch (difference.type) {
      case 'POSITION_OPENED_EXTERNALLY':
      case 'POSITION_SIZE_CHANGED':
      case 'POSITION_CLOSED_EXTERNALLY': {
        const { symbol, side: leg } = difference;
        const truth = difference[other];
        positions = positions.filter((row) => row.symbol !== symbol || (leg !== null && row.side !== leg));
        if (truth !== null) positions = [...positions, truth];
        break;
      }
      case 'ORDER_PLACED_EXTERNALLY':
      case 'ORDER_MISSING_ON_EXCHANGE': {
        const [own, truth] = [difference[side], difference[other]];
        if (own !== null) removedOrders.add(own);
        if (truth !== null) addedOrders.push(truth);
        break;
      }
      case 'ORDER_AMENDED_EXTERNALLY': {
        const { id, price, triggerPrice, amount, side: orderSide } = difference[other];
        amend(difference[side], { id, price, triggerPrice, amount, side: orderSide });
        break;
      }
      case 'ORDER_FILL_MISSED':
        amend(difference[side], { filled: difference[other].filled });
        break;
      case 'BALANCE_CHANGED_EXTERNALLY':
        balances = [...balances.filter(({ currency }) => currency !== difference.symbol), difference[other]];
        break;
    }
  }
  const orders = state.orders
    .filter((row) => !removedOrders.has(row))
    .map((row) => ({ ...row, ...amendedOrders.get(row) }));
  return { ...state, positions, balances, orders: [...orders, ...addedOrders] };
}
