import type { InternalSourceConfig } from '../config/config.js';
import type { InternalSource } from './internal-source.js';

/** One source of an account's internal state, and how its rows are read. */
export interface AccountSource extends Omit<InternalSourceConfig, 'source'> {
  source: InternalSource;
}

/** The only source of an account, whose rows are in base units, one for each position. */
export function onlySource(source: InternalSource): AccountSource[] {
  return [{ name: null, source, amounts: 'base', rows: 'positions', maxAgeSeconds: null }];
}
