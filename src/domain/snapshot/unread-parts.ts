import { covers, overlaps, scopeOfOrder, type Scope } from './scope.js';
import type { Unread } from './snapshot.js';

/** Most symbols that are named one by one in a scope. With more, the whole scope is not compared. */
const MAX_SYMBOLS = 100;
/** Most entries of a snapshot. With more, scopes are merged into the whole list ("orders"). */
const MAX_ENTRIES = 500;

/** Collects what could not be read: each (scope, symbol) once, with its first reason, and bounded. */
export class UnreadParts {
  readonly #parts = new Map<string, Unread>();
  readonly #symbols = new Map<Scope, number>();

  add(part: Unread): void {
    const { scope, symbol } = part;
    if (this.#parts.has(keyOf(scope, null)) || this.#parts.has(keyOf(scope, symbol))) return;
    const count = this.#symbols.get(scope) ?? 0;
    if (symbol !== null && count < MAX_SYMBOLS && this.#parts.size < MAX_ENTRIES) {
      this.#symbols.set(scope, count + 1);
      this.#parts.set(keyOf(scope, symbol), part);
      return;
    }
    const whole = this.#parts.size < MAX_ENTRIES ? scope : (scope.split(':')[0] ?? scope);
    for (const [key, known] of this.#parts) if (covers(whole, known.scope)) this.#parts.delete(key);
    const reason = symbol === null ? part.reason : `too many symbols cannot be read; one of them: ${part.reason}`;
    this.#parts.set(keyOf(whole, null), { ...part, scope: whole, symbol: null, reason });
  }

  /** Sorted by scope and symbol. */
  list(): Unread[] {
    return [...this.#parts.values()].toSorted((a, b) => (keyOf(a.scope, a.symbol) < keyOf(b.scope, b.symbol) ? -1 : 1));
  }
}

/** Whether the rows of a key (its scope and its symbol or currency) could not be read on a side. */
export function isUnread(parts: readonly Unread[], scope: Scope, symbol: string): boolean {
  return parts.some((part) => (part.symbol === null || part.symbol === symbol) && overlaps(part.scope, scope));
}

/**
 * Whether an unread row may be a row of this order. A bot may not know that its order waits for a trigger, so rows of both
 * classes count.
 */
export function isUnreadOrder(parts: readonly Unread[], symbol: string): boolean {
  return [false, true].some((conditional) => isUnread(parts, scopeOfOrder({ symbol, conditional }), symbol));
}

function keyOf(scope: Scope, symbol: string | null): string {
  return JSON.stringify([scope, symbol]);
}
