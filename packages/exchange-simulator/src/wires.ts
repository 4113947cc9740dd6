import { binance } from './wire/binance/binance.js';
import { binanceusdm } from './wire/binance/binanceusdm.js';
import { bitget } from './wire/bitget/bitget.js';
import { bybit } from './wire/bybit/bybit.js';
import { gate } from './wire/gate/gate.js';
import { hyperliquid } from './wire/hyperliquid/hyperliquid.js';
import { krakenfutures } from './wire/krakenfutures/krakenfutures.js';
import { okx } from './wire/okx/okx.js';
import type { Wire } from './wire/wire.js';

/** Every exchange that the simulator supports. */
export const WIRES: readonly Wire[] = [binance, binanceusdm, bitget, bybit, gate, hyperliquid, krakenfutures, okx];
