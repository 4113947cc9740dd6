import type { MissingCause } from '../../../src/domain/difference/difference.js';
import type { VenueAction } from '../../../src/domain/explain/cause.js';
import type { KeyAudit } from '../../../src/domain/account/key-audit.js';
import type { Balance, OpenOrder, Position, Unread } from '../../../src/domain/snapshot/snapshot.js';

/** What an answer means, by the documentation. */
export type Reading =
  | { positions: Partial<Position>[] }
  | { orders: Partial<OpenOrder>[] }
  | { balances: Balance[] }
  | { unread: Partial<Unread>[] }
  | { gaps: string[] }
  | { failure: string }
  | { positionMode: 'one-way' | 'hedge' }
  | { missing: Partial<OpenOrder>; cause: MissingCause; filled?: string | null; says?: string }
  | { actions: Partial<VenueAction>[] }
  | { audit: Partial<KeyAudit> };

export interface ForeignAnswer {
  name: string;
  /** Page title, or repository and file. */
  source: string;
  account: 'classic' | 'unified';
  /** Whether the account is in hedge mode; its rows say it. */
  hedge?: true;
  path: string;
  /** The question that the answer is for, where others share its path. */
  question?: Readonly<Record<string, string>>;
  answer: object;
  reading: Reading;
}

export const SDK = 'JKorf/Bitget.Net, Bitget.Net.UnitTests/Endpoints';
export const CCXT = 'ccxt/ccxt, ts/src/bitget.ts';
export const CCXT_RECORDED = 'ccxt/ccxt, ts/src/test/static/response/bitget.json';
export const DOCS = 'bitget.com/api-doc';
export const LIVE = 'docs/bitget-api/14_uta_v3.md of a trading journal: answers of a live account, 2026-10';

export function ok(data: unknown, requestTime: number | string = 1_695_808_949_356): object {
  return { code: '00000', msg: 'success', requestTime, data };
}
