import type { InternalSourceConfig } from '../config/config.js';

/** What a match with the state of an account's bot proves, for people. */
export interface Proof {
  /** `mirror`: the numbers of a source are copies of the exchange's. */
  record: 'own' | 'mirror';
  /** One line. */
  text: string;
}

type Source = Pick<InternalSourceConfig, 'name' | 'source' | 'record'>;

const OWN = "the bot's own record: a match proves that bot and exchange agree";
const MIRROR =
  'a copy of what the bot last read from the exchange: a match proves only that the copy is fresh; drift that the bot has adopted is not found';
const FREQTRADE =
  "its trades are Freqtrade's own record of the fills of its own orders: a match proves that bot and exchange agree; it keeps its own list of orders but adopts their price, amount and status from the exchange in every loop, so an order that is amended or cancelled by hand differs only until the next loop";

const NAUTILUS =
  "its orders and positions are NautilusTrader's own record, replayed from the events of its strategies; what its reconciliation adopted from the exchange (strategy EXTERNAL) is left out: a match proves that bot and exchange agree";

const HUMMINGBOT =
  "its orders are Hummingbot's own record of what it has placed, and their fills and ends are those that it has noticed: a match proves that bot and exchange agree on them";
const HUMMINGBOT_POSITIONS =
  'its positions are the sums of the fills in its database: they prove something only if the account was flat when the database began and no fill is missing';

/** What a match with all sources of an account proves. It is a mirror if one of them is. */
export function proofOf(sources: readonly Source[]): Proof {
  const byText = new Map<string, string[]>();
  for (const each of sources) {
    const text = textOf(each);
    byText.set(text, [...(byText.get(text) ?? []), ...(each.name === null ? [] : [`"${each.name}"`])]);
  }
  return {
    record: byText.has(MIRROR) ? 'mirror' : 'own',
    text: [...byText].map(([text, names]) => (byText.size === 1 ? text : `${names.join(', ')}: ${text}`)).join('; '),
  };
}

function textOf({ source, record = 'own' }: Source): string {
  if (source.kind === 'freqtrade') return FREQTRADE;
  if (source.kind === 'nautilus') return NAUTILUS;
  if (source.kind === 'hummingbot') return source.positions ? `${HUMMINGBOT}; ${HUMMINGBOT_POSITIONS}` : HUMMINGBOT;
  return record === 'own' ? OWN : MIRROR;
}
