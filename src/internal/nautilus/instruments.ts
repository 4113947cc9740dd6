import { z } from 'zod';
import { isDecimal, signOf, type DecimalText } from '../../domain/decimal/decimal.js';
import { LIMITS } from '../../domain/limits/limits.js';

const code = z.string().min(1).max(LIMITS.idLength.value);

/** A definition of an instrument (nautilus_trader/model/instruments, `to_dict`). Other fields are ignored. */
const instrumentShape = z.object({
  type: z.string(),
  base_currency: code.nullish(),
  quote_currency: code.nullish(),
  settlement_currency: code.nullish(),
  multiplier: z
    .string()
    .max(LIMITS.numberLength.value)
    .refine((value) => isDecimal(value) && signOf(value) > 0),
});

export interface Instrument {
  /** Base units (of an inverse contract: quote value) of one unit of the instrument's quantities. */
  multiplier: DecimalText;
  /** ccxt's unified symbol, where the definition says which market it is; else null. */
  symbol: string | null;
}

/** Null for a definition that cannot be read. */
export function readInstrument(definition: unknown): Instrument | null {
  const parsed = instrumentShape.safeParse(definition);
  if (!parsed.success) return null;
  return { multiplier: parsed.data.multiplier, symbol: unifiedSymbol(parsed.data) };
}

function unifiedSymbol(instrument: z.output<typeof instrumentShape>): string | null {
  const { type, base_currency: base, quote_currency: quote, settlement_currency: settlement } = instrument;
  if (base === null || base === undefined || quote === null || quote === undefined) return null;
  if (type === 'CurrencyPair' || type === 'CURRENCY_PAIR') return `${base}/${quote}`;
  const isPerpetual = type === 'CryptoPerpetual' || type === 'CRYPTO_PERPETUAL';
  if (!isPerpetual || settlement === null || settlement === undefined) return null;
  return `${base}/${quote}:${settlement}`;
}

/**
 * The name of an instrument (`BTCUSDT-PERP.BINANCE`) in the words of the exchange or of ccxt. Only one market has it, or the
 * symbol is not compared.
 *
 * - Bybit and Hyperliquid: the unified symbol, because spot and swap share the exchange's id.
 * - Others: the exchange's own id, which is the name without the venue and without `-PERP` (`_PERP` in Binance COIN-M).
 */
export function symbolOf(instrumentId: string, instrument: Instrument | null): string {
  const { symbol, venue } = nameOf(instrumentId);
  if (venue === 'BYBIT') return instrument?.symbol ?? bybitSymbol(symbol);
  if (venue === 'HYPERLIQUID') return hyperliquidSymbol(symbol);
  const [, name] = /^(.+)-PERP$/.exec(symbol) ?? [];
  if (name === undefined) return symbol;
  return venue.startsWith('BINANCE') && isCoinMargined(name) ? `${name}_PERP` : name;
}

/** As NautilusTrader's adapter decides it: `BTCUSD-PERP` is Binance's `BTCUSD_PERP`, `BTCUSDT-PERP` its `BTCUSDT`. */
function isCoinMargined(name: string): boolean {
  const quote = ['USDT', 'BUSD', 'TUSD', 'FDUSD', 'USDC', 'DAI'].some(
    // "BNBUSD" does not end with BUSD.
    (each) => name.endsWith(each) && (!each.endsWith('USD') || name.length > each.length + 2),
  );
  return !quote && name.endsWith('USD');
}

/** `BTCUSDT-PERP.BINANCE` is the symbol `BTCUSDT-PERP` at the venue `BINANCE`. */
export function nameOf(instrumentId: string): { symbol: string; venue: string } {
  const point = instrumentId.lastIndexOf('.');
  return point === -1
    ? { symbol: instrumentId, venue: '' }
    : { symbol: instrumentId.slice(0, point), venue: instrumentId.slice(point + 1) };
}

/** Bybit's symbols end with the quote currency; those that end with PERP are quoted and settled in USDC. */
function bybitSymbol(symbol: string): string {
  const [, id, product] = /^(.+)-(SPOT|LINEAR|INVERSE|OPTION)$/.exec(symbol) ?? [];
  if (id === undefined) return symbol;
  const [, perpetual] = /^([A-Z0-9]+)PERP$/.exec(id) ?? [];
  if (product === 'LINEAR' && perpetual !== undefined) return `${perpetual}/USDC:USDC`;
  const [, base, quote] = /^([A-Z0-9]+?)(USDT|USDC|USDE|USD|EUR|BTC|ETH|DAI|BRL|TRY|PLN)$/.exec(id) ?? [];
  if (base === undefined || quote === undefined) return id;
  if (product === 'SPOT') return `${base}/${quote}`;
  if (product === 'LINEAR') return `${base}/${quote}:${quote}`;
  return product === 'INVERSE' ? `${base}/${quote}:${base}` : id;
}

/** All perpetuals of its own are settled in USDC, and named in USD. ccxt writes "kPEPE" in capitals. */
function hyperliquidSymbol(symbol: string): string {
  const [, perpetual] = /^([^:]+)-USD-PERP$/.exec(symbol) ?? [];
  if (perpetual !== undefined) return `${perpetual.toUpperCase()}/USDC:USDC`;
  const [, base, quote] = /^(.+)-([^-]+)-SPOT$/.exec(symbol) ?? [];
  return base === undefined ? symbol : `${base}/${quote ?? ''}`;
}
