import { binance } from './binance.js';
import { binanceusdm } from './binanceusdm.js';
import { bitget } from './bitget.js';
import { bybit } from './bybit.js';
import { gate } from './gate.js';
import { hyperliquid } from './hyperliquid.js';
import { krakenfutures } from './krakenfutures.js';
import { okx } from './okx.js';
import type { Wire } from './wire.js';

/** Every exchange that the simulator supports. */
export const WIRES: readonly Wire[] = [binance, binanceusdm, bitget, bybit, gate, hyperliquid, krakenfutures, okx];
