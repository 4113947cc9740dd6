import type { ApiKey } from './account.js';

export const DEMO_ACCOUNT = 'demo';

/** The read-only key that Plumbline uses. The simulator's secrets need no protection. */
export const DEMO_CREDENTIALS = {
  apiKey: 'plumbline-demo-key-that-can-only-read',
  secret: 'plumbline-demo-secret',
} as const;

/** A key of the same account that can also trade, for bots that use the wire. */
export const DEMO_TRADING_CREDENTIALS = {
  apiKey: 'plumbline-demo-key-that-can-trade',
  secret: 'plumbline-demo-trading-secret',
} as const;

/** The passphrase of every key without its own, on exchanges that require one. */
export const DEMO_PASSPHRASE = 'plumbline-demo-passphrase';

/** The bearer token of `GET /bot/state`. */
export const DEMO_BOT_TOKEN = 'plumbline-demo-bot-token';

export const DEMO_BALANCES = { USDT: '100000', USDC: '20000', BTC: '1' } as const;

export function readOnlyKey(key: string, secret: string): ApiKey {
  return { key, secret, canTrade: false, canWithdraw: false, ipRestricted: true };
}

export function tradingKey(key: string, secret: string): ApiKey {
  return { key, secret, canTrade: true, canWithdraw: false, ipRestricted: false };
}
