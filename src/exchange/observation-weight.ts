/**
 * Weight of one observation of a small account, in the unit of the exchange's budget: the sum over the calls of one read,
 * without the markets, as `plumbline check` shows them. Larger accounts have more pages and weigh more. For estimates before
 * the first request. A test measures each value at the simulator, which does not serve KuCoin: it has no estimate.
 */
export const OBSERVATION_WEIGHT: Readonly<Record<string, number>> = {
  binance: 30.3,
  binanceusdm: 91.1,
  bitget: 68,
  bybit: 62,
  gate: 21.83,
  hyperliquid: 88,
  krakenfutures: 3,
  okx: 21.67,
};
