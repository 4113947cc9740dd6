/**
 * Kraken identifies orders, fills and events by UUIDs. The simulator's contain the engine's number, so each can be
 * decoded and none has to be stored: "0de50000-0000-4000-8000-0001f4119efd" is order 8389765885.
 */
const PREFIX = { order: '0de50000', fill: 'f1110000', account: 'acc00000' } as const;

export function orderUuid(engineId: string): string {
  return uuidOf('order', Number(engineId));
}

export function fillUuid(tradeId: string): string {
  return uuidOf('fill', Number(tradeId));
}

/** The engine's id in an order's UUID; null if the UUID is not the simulator's. */
export function orderIdOf(uuid: string): string | null {
  const match = new RegExp(`^${PREFIX.order}-0000-4000-8000-([0-9a-f]{12})$`).exec(uuid.toLowerCase());
  return match?.[1] === undefined ? null : String(Number.parseInt(match[1], 16));
}

/** An id for the n-th event of an order. */
export function eventUuid(engineId: string, n: number): string {
  return `e${String(n).padStart(7, '0')}-0000-4000-8000-${hex(Number(engineId))}`;
}

/** The same for the same account name; different names get different ids (within what a simulator needs). */
export function accountUuid(accountId: string): string {
  let sum = 0;
  for (const character of accountId) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 0xffffffffffff;
  return uuidOf('account', sum);
}

function uuidOf(kind: keyof typeof PREFIX, number: number): string {
  return `${PREFIX[kind]}-0000-4000-8000-${hex(number)}`;
}

function hex(number: number): string {
  return number.toString(16).padStart(12, '0');
}
