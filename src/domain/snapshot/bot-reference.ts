/** Bots whose own ways are known (`botWay`). */
export const BOT_KINDS = ['freqtrade'] as const;
export type BotKind = (typeof BOT_KINDS)[number];

/** The bot behind a source of internal state, so that a remedy can name the bot's own way. Nothing is compared with it. */
export interface BotReference {
  kind: BotKind;
  /** The name of its source; absent if the account has one source. */
  source?: string;
  /** By symbol: what the bot has open there, by its own ids. */
  trades: Record<string, BotTrades>;
}

export interface BotTrades {
  /** Whole numbers, at most MOST_IDS. */
  ids: string[];
  /** How many there are, those without a usable id included. */
  count: number;
}

/** Ids that a remedy names. */
const MOST_IDS = 5;
const LONGEST_ID = 20;

/** Keeps the ids that a person can use. An id that is not a whole number is only counted, because it may be any text. */
export function botTrades(ids: readonly string[]): BotTrades {
  const usable = ids.filter((id) => id.length <= LONGEST_ID && /^\d+$/.test(id));
  return { ids: usable.slice(0, MOST_IDS), count: ids.length };
}

/** The reference with other names of its symbols. */
export function renamedTrades(bot: BotReference, nameOf: (symbol: string) => string): BotReference {
  const trades: Record<string, BotTrades> = {};
  for (const [symbol, own] of Object.entries(bot.trades)) {
    const name = nameOf(symbol);
    const known = Object.hasOwn(trades, name) ? trades[name] : undefined;
    trades[name] =
      known === undefined
        ? own
        : { ids: [...known.ids, ...own.ids].slice(0, MOST_IDS), count: known.count + own.count };
  }
  return { ...bot, trades };
}
