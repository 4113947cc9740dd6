/**
 * ccxt's unified symbol of a Hummingbot pair such as `BTC-USDT`. Perpetuals are those of connectors with `_perpetual` in their
 * name. Hyperliquid and dYdX name them in USD and settle in USDC; others that are quoted in USD are inverse.
 */
export function symbolOf(pair: string, connector: string): string {
  const dash = pair.lastIndexOf('-');
  if (dash === -1) return pair;
  const [base, quote] = [pair.slice(0, dash), pair.slice(dash + 1)];
  if (!isPerpetual(connector)) return `${base}/${quote}`;
  if (quote !== 'USD') return `${base}/${quote}:${quote}`;
  // ccxt writes "kPEPE" in capitals.
  return /^(?:hyperliquid|dydx)/.test(connector) ? `${base.toUpperCase()}/USDC:USDC` : `${base}/USD:${base}`;
}

function isPerpetual(connector: string): boolean {
  return connector.includes('_perpetual');
}
