/**
 * What one observation of a small account takes of an exchange's limit, in the unit of its budget: the weights of the
 * calls of one read, without the markets, as `plumbline check` shows them. Larger accounts page and take more. For
 * estimates before anything was asked; a test reads each from the simulator.
 */
export const OBSERVATION_WEIGHT: Readonly<Record<string, number>> = {
  binance: 24.2,
  binanceusdm: 91,
  bitget: 68,
  bybit: 57,
  gate: 18,
  hyperliquid: 68,
  krakenfutures: 3,
  okx: 21.67,
};
