import type { ForeignAnswer } from './answer-table.js';
import { HISTORY } from './gate-history.js';
import { ORDERS } from './gate-orders.js';
import { POSITIONS } from './gate-positions.js';
import { SPOT } from './gate-spot.js';

export const GATE_ANSWERS: readonly ForeignAnswer[] = [...POSITIONS, ...ORDERS, ...SPOT, ...HISTORY];
