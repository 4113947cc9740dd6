import type { BotKind, BotReference, BotTrades } from '../snapshot/bot-reference.js';
import { baseOf } from '../snapshot/unit.js';
import type { Difference } from './difference.js';

/** How a bot of a known kind takes over what the exchange has. */
export interface BotWay {
  /** A clause: "in Freqtrade: `/reload_trade 7` in Telegram, or `POST /api/v1/trades/7/reload`". */
  text: string;
  /** Whether the bot's state can be changed this way. If not, the text says so, and stands in place of the change. */
  isPossible: boolean;
}

type WaysOf = (difference: Difference, trades: BotTrades | null, isOnlyBot: boolean) => BotWay | null;

/** One entry for each kind of bot; a source names its kind (`Snapshot.bots`). */
const WAYS: Readonly<Record<BotKind, WaysOf>> = { freqtrade };

/** The way of the bots of an account for a difference; null if none of them has one. */
export function botWay(difference: Difference, bots: readonly BotReference[]): BotWay | null {
  // A difference of units needs another setting, not another position.
  if (difference.hint !== undefined && UNITS.has(difference.hint.kind)) return null;
  const ways = bots.flatMap((bot) => {
    const isOnlyBot = bot.source === undefined;
    const way = WAYS[bot.kind](difference, tradesOf(difference, bot), isOnlyBot);
    if (way === null) return [];
    return isOnlyBot ? [way] : [{ ...way, text: `${way.text} (source "${bot.source ?? ''}")` }];
  });
  if (ways.length < 2) return ways[0] ?? null;
  return { text: ways.map(({ text }) => text).join('; '), isPossible: true };
}

const UNITS: ReadonlySet<string> = new Set(['contracts', 'value', 'coins', 'scale', 'remaining']);

/** Of a balance: the trades of all symbols with that base currency. */
function tradesOf({ type, symbol }: Difference, { trades }: BotReference): BotTrades | null {
  if (type !== 'BALANCE_CHANGED_EXTERNALLY') return Object.hasOwn(trades, symbol) ? (trades[symbol] ?? null) : null;
  const own = Object.entries(trades).filter(([name]) => baseOf(name) === symbol);
  if (own.length === 0) return null;
  return {
    ids: own.flatMap(([, { ids }]) => ids),
    count: own.reduce((sum, [, { count }]) => sum + count, 0),
  };
}

/**
 * Freqtrade 2024.10 to 2026.9 (`handle_onexchange_order`, tried on 2026.9). Reloading a trade reads all orders of its pair since
 * it was opened, takes over those that it does not know, books their fills and renews the stop. It never begins a trade.
 */
function freqtrade(difference: Difference, trades: BotTrades | null, isOnlyBot: boolean): BotWay | null {
  const reload = trades === null ? null : reloadText(trades);
  const possible = (text: string): BotWay => ({ text: `in Freqtrade: ${text}`, isPossible: true });
  switch (difference.type) {
    case 'POSITION_OPENED_EXTERNALLY':
      if (reload !== null) return possible(reload);
      if (!isOnlyBot) return null;
      return { text: 'Freqtrade takes over no position that it did not open', isPossible: false };
    case 'ORDER_PLACED_EXTERNALLY':
      if (reload !== null) return possible(`${reload}, which makes the order its own`);
      if (!isOnlyBot) return null;
      return { text: 'Freqtrade takes over no order without a trade', isPossible: false };
    case 'POSITION_CLOSED_EXTERNALLY':
      return reload === null
        ? null
        : possible(`${reload}, which closes the trade; a forced exit fails, because nothing is left to close`);
    case 'ORDER_MISSING_ON_EXCHANGE':
    case 'ORDER_AMENDED_EXTERNALLY':
    case 'ORDER_FILL_MISSED':
      return reload === null ? null : possible(`its next loop does it by itself; if the difference stays, ${reload}`);
    case 'POSITION_SIZE_CHANGED':
    case 'BALANCE_CHANGED_EXTERNALLY':
      return reload === null ? null : possible(reload);
  }
}

function reloadText({ ids, count }: BotTrades): string {
  const [only] = ids;
  if (only !== undefined && count === 1) {
    return `\`/reload_trade ${only}\` in Telegram, or \`POST /api/v1/trades/${only}/reload\``;
  }
  const known = ids.length === 0 ? '`/status` lists them' : `${ids.join(', ')}${count > ids.length ? ', ...' : ''}`;
  return `\`/reload_trade ID\` in Telegram, or \`POST /api/v1/trades/ID/reload\`, for each of its ${count} trades (${known})`;
}
