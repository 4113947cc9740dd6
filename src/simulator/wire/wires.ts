import { binanceusdm } from './binanceusdm.js';
import type { Wire } from './wire.js';

/** Every exchange that the simulator speaks. */
export const WIRES: readonly Wire[] = [binanceusdm];
