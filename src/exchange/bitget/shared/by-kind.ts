import { ExchangeFailure } from '../../transport/error-kinds.js';
import type { CcxtExchange } from '../../transport/ccxt-exchange.js';
import type { OrderSource } from '../../profile/missing-orders.js';
import type { ReadSession } from '../../profile/read-session.js';

/*
 * Questions that have a page for each kind of account. An account is classic or unified, and every page of the other kind
 * refuses it by its own code (see account-kind.ts). The last known kind is asked first.
 */

export type Kind = 'classic' | 'unified';

const known = new WeakMap<CcxtExchange, Kind>();

/** "You are in Unified Account mode"; "You are in Classic Account mode", "The account is not the unified account mode". */
const REFUSALS: Readonly<Record<string, Kind>> = { '40085': 'unified', '40084': 'classic', '25245': 'classic' };

/**
 * Asks the page of the last known kind, and the page of the other kind if Bitget's refusal names that kind. Throws what
 * the question throws.
 */
export async function byKind<T>(session: ReadSession, ask: Readonly<Record<Kind, () => Promise<T>>>): Promise<T> {
  const first = known.get(session.exchange) ?? 'classic';
  try {
    return await ask[first]();
  } catch (error) {
    const kind = error instanceof ExchangeFailure ? REFUSALS[error.exchangeCode ?? ''] : undefined;
    if (kind === undefined || kind === first) throw error;
    const answer = await ask[kind]();
    known.set(session.exchange, kind);
    return answer;
  }
}

/** One source of both kinds. `when` is that of the classic one. */
export function eitherSource(classic: OrderSource, unified: OrderSource): OrderSource {
  return {
    name: classic.name,
    when: classic.when,
    ask: async (question) =>
      byKind(question.session, {
        classic: async () => classic.ask(question),
        unified: async () => ((unified.when?.(question) ?? true) ? unified.ask(question) : null),
      }),
  };
}
