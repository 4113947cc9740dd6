import type { Snapshot } from '../../src/domain/snapshot/snapshot.js';

/** The document of the published form that says what the snapshot says; `parseStateDocument` reads it back. */
export function stateDocumentOf(snapshot: Snapshot) {
  return {
    version: 1,
    as_of: new Date(snapshot.asOf).toISOString(),
    position_mode: snapshot.positionMode,
    scopes: snapshot.scopes,
    gaps: snapshot.gaps,
    positions: snapshot.positions.map(({ changedAt, ...row }) => ({ ...row, changed_at: isoTime(changedAt) })),
    orders: snapshot.orders.map(({ clientOrderId, triggerPrice, changedAt, ...row }) => ({
      ...row,
      client_order_id: clientOrderId,
      trigger_price: triggerPrice,
      changed_at: isoTime(changedAt),
    })),
    balances: snapshot.balances,
    markets: Object.fromEntries(
      Object.entries(snapshot.markets).map(([symbol, { amountStep }]) => [symbol, amountStep]),
    ),
  };
}

function isoTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
