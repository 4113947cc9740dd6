import type { Aliases } from '../config/config.js';
import { multiplyDecimals, normalizeDecimal, type DecimalText } from '../domain/decimal/decimal.js';
import { renamedTrades } from '../domain/snapshot/bot-reference.js';
import { covers, scopeOfPosition } from '../domain/snapshot/scope.js';
import type { MarketFacts, OpenOrder, Position, Snapshot, Unread } from '../domain/snapshot/snapshot.js';
import { UnreadParts } from '../domain/snapshot/unread-parts.js';
import type { ExchangeReader, MarketAnswer, ReadOptions } from '../exchange/exchange-reader.js';
import { currencyCodesOf, currencyMeant } from '../exchange/currency-aliases.js';
import type { AccountSource } from '../internal/account-source.js';
import { grouped, withoutRepeats } from '../internal/repeated-rows.js';
import { sumOfSources } from '../internal/sum-sources.js';
import { unreadOf, unresolved, type UnresolvedSymbol } from './unresolved-symbols.js';

/** What one source answered, with the symbols and amounts of its document. */
export interface SourceAnswer {
  source: AccountSource;
  snapshot: Snapshot;
}

export interface UnifyRules extends ReadOptions {
  aliases: Aliases;
  /** Symbols and currencies that an ignore rule names, in the bot's own words or unified. */
  ignoredSymbols: readonly string[];
  now: () => number;
}

export interface UnifiedState {
  snapshot: Snapshot;
  /** Symbols without exactly one market, which are not compared. */
  unresolved: UnresolvedSymbol[];
}

type Markets = Pick<ExchangeReader, 'exchangeId' | 'resolveMarket'>;

/**
 * The internal state of an account: one snapshot with the exchange's unified symbols and amounts in base units, the sum of its
 * sources. For each symbol, in this order:
 *
 * 1. A symbol that an ignore rule names stays as it is, so that the comparison counts its rows by that rule.
 * 2. An alias gives the symbol another name.
 * 3. The exchange's markets give the unified symbol. The rows of a symbol without exactly one market are not compared
 *    (`unread`); everything else is.
 *
 * Rows of one position are then checked or summed (`withoutRepeats`), and amounts in contracts multiplied by the contract size.
 */
export async function unifiedState(
  answers: readonly SourceAnswer[],
  reader: Markets,
  rules: UnifyRules,
): Promise<UnifiedState> {
  const lookup = new SymbolLookup(reader, rules);
  const states: { name: string; snapshot: Snapshot }[] = [];
  for (const { source, snapshot } of answers) {
    const renamed = await unifiedSource(snapshot, source, lookup);
    states.push({ name: source.name ?? '', snapshot: withoutRepeats(renamed, source.rows) });
  }
  const [only, ...others] = states;
  const sum = only !== undefined && others.length === 0 ? only.snapshot : sumOfSources(states);
  return {
    snapshot: { ...sum, ...codesOf(sum, reader.exchangeId, rules.aliases.currencies) },
    unresolved: [...lookup.unresolved.values()],
  };
}

/** The distinct symbols of a side's positions and orders. */
export function symbolsOf({ positions, orders }: Snapshot): string[] {
  return [...new Set([...positions, ...orders].map(({ symbol }) => symbol))];
}

interface FoundMarket {
  symbol: string;
  facts: MarketFacts;
}

/** Finds the market of each symbol once. */
class SymbolLookup {
  readonly unresolved = new Map<string, UnresolvedSymbol>();
  private readonly found = new Map<string, FoundMarket | null>();
  private readonly ignored: ReadonlySet<string>;

  constructor(
    private readonly reader: Markets,
    private readonly rules: UnifyRules,
  ) {
    this.ignored = new Set(rules.ignoredSymbols);
  }

  ignores(symbol: string): boolean {
    return this.ignored.has(symbol);
  }

  async of(symbol: string): Promise<FoundMarket | null> {
    const known = this.found.get(symbol);
    if (known !== undefined) return known;
    const market = await this.find(symbol);
    this.found.set(symbol, market);
    return market;
  }

  private async find(symbol: string): Promise<FoundMarket | null> {
    const { aliases, now } = this.rules;
    const alias = own(aliases.symbols, symbol);
    let asked = alias ?? symbol;
    let answer = await this.ask(asked);
    // An alias of the unified name holds for the exchange's own id, too.
    const ofUnified = alias === undefined && answer.kind === 'found' ? own(aliases.symbols, answer.symbol) : undefined;
    if (ofUnified !== undefined) {
      asked = ofUnified;
      answer = await this.ask(asked);
    }
    if (answer.kind === 'found') return answer;
    const { exchangeId } = this.reader;
    this.unresolved.set(symbol, unresolved(symbol, asked, answer, { exchangeId, nowMs: now() }));
    return null;
  }

  private async ask(name: string): Promise<MarketAnswer> {
    return this.reader.resolveMarket(name, this.rules);
  }
}

async function unifiedSource(
  snapshot: Snapshot,
  { amounts, positionDigits }: AccountSource,
  lookup: SymbolLookup,
): Promise<Snapshot> {
  const markets: Record<string, MarketFacts> = { ...snapshot.markets };
  const names = new Map<string, FoundMarket>();
  const tooFine = new Set<string>();
  const unread = new UnreadParts();
  for (const part of snapshot.unread ?? []) {
    for (const unified of await unifiedParts(part, lookup)) unread.add(unified);
  }
  for (const symbol of symbolsOf(snapshot)) {
    if (lookup.ignores(symbol)) continue;
    const market = await lookup.of(symbol);
    if (market !== null) {
      names.set(symbol, market);
      if (positionDigits !== undefined && isFiner(market.facts, positionDigits)) tooFine.add(symbol);
      markets[market.symbol] = market.facts;
    }
  }
  const [positions, orders] = [grouped(snapshot.positions, symbolOf), grouped(snapshot.orders, symbolOf)];
  for (const unknown of lookup.unresolved.values()) {
    const { symbol } = unknown;
    for (const part of unreadOf(unknown, positions.get(symbol) ?? [], orders.get(symbol) ?? [])) unread.add(part);
  }
  for (const row of snapshot.positions) {
    if (tooFine.has(row.symbol)) unread.add(cutOff(names.get(row.symbol)?.symbol ?? row.symbol, positionDigits ?? 0));
  }
  const inBaseUnits = (amount: DecimalText, { contractSize }: MarketFacts): DecimalText =>
    amounts === 'base' || contractSize === undefined ? amount : multiplyDecimals(amount, contractSize);
  const isKept = ({ symbol }: { symbol: string }): boolean => names.has(symbol) || lookup.ignores(symbol);
  const parts = unread.list();
  return {
    ...snapshot,
    positions: snapshot.positions
      .filter((row) => isKept(row) && !tooFine.has(row.symbol))
      .map((row): Position => {
        const market = names.get(row.symbol);
        if (market === undefined) return row;
        return { ...row, symbol: market.symbol, amount: inBaseUnits(row.amount, market.facts) };
      }),
    orders: snapshot.orders.filter(isKept).map((row): OpenOrder => {
      const market = names.get(row.symbol);
      if (market === undefined) return row;
      const amount = row.amount === null ? null : inBaseUnits(row.amount, market.facts);
      return { ...row, symbol: market.symbol, amount, filled: inBaseUnits(row.filled, market.facts) };
    }),
    markets,
    ...(parts.length === 0 ? {} : { unread: parts }),
    ...(snapshot.bots === undefined
      ? {}
      : { bots: snapshot.bots.map((bot) => renamedTrades(bot, (symbol) => names.get(symbol)?.symbol ?? symbol)) }),
  };
}

/** Whether amounts of the market have more digits after the point. */
function isFiner({ amountStep }: MarketFacts, digits: number): boolean {
  return (normalizeDecimal(amountStep).split('.')[1] ?? '').length > digits;
}

function cutOff(symbol: string, digits: number): Unread {
  const reason = `the bot stores amounts with ${digits} digits after the point, and the amount step of ${symbol} is finer, so the sum of its fills is not exact`;
  return { scope: scopeOfPosition({ symbol }), symbol, code: 'ROW_UNREADABLE', reason };
}

/** What could not be read, by the unified symbols that it may mean: a row may name its market in the exchange's own words. */
async function unifiedParts(part: Unread, lookup: SymbolLookup): Promise<Unread[]> {
  const { scope, symbol } = part;
  if (symbol === null || covers('balances', scope) || lookup.ignores(symbol)) return [part];
  const market = await lookup.of(symbol);
  const symbols = market === null ? (lookup.unresolved.get(symbol)?.costs ?? [symbol]) : [market.symbol];
  return symbols.map((unified) => {
    const isPosition = covers('positions', scope) && unified.includes('/');
    return { ...part, scope: isPosition ? scopeOfPosition({ symbol: unified }) : scope, symbol: unified };
  });
}

function symbolOf({ symbol }: { symbol: string }): string {
  return symbol;
}

/** What the codes of balances mean: by the account's aliases, else by what is known of the exchange. */
function codesOf(
  { balances, scopes, gaps, unread = [] }: Snapshot,
  exchangeId: string,
  aliases: Aliases['currencies'],
): Pick<Snapshot, 'currencyCodes'> {
  const inScopes = [...scopes, ...gaps.map(({ scope }) => scope), ...unread.map(({ scope }) => scope)];
  const named = inScopes.flatMap((scope) => (scope.startsWith('balances:') ? [scope.slice('balances:'.length)] : []));
  return currencyCodesOf(
    [...balances.map(({ currency }) => currency), ...named],
    (code) => own(aliases, code) ?? currencyMeant(exchangeId, code),
  );
}

/** Reads only own properties, because the key is outside text and may be "constructor". */
function own(map: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
