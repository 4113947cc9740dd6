import { createHash } from 'node:crypto';
import type { Crypto } from './crypto.js';
import type { Account, ApiKey } from '../../engine/account.js';
import type { Engine } from '../../engine/engine.js';

const ADDRESS = /^0x[0-9a-f]{40}$/;
const PRIVATE_KEY = /^0x[0-9a-fA-F]{64}$/;

/**
 * The simulator's accounts as wallets. Reading needs no key, only the account's address. Trading is signed with the
 * account's own wallet or with an API wallet ("agent") that it approved:
 * https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/nonces-and-api-wallets
 *
 * An account whose key is an address has that address; any other gets one derived from its name. Each of its keys that
 * can trade is an API wallet: its secret is the private key, or yields it as SHA-256.
 */
export function addressOfAccount(account: Pick<Account, 'id' | 'keys'>): string {
  const own = account.keys.map(({ key }) => key.toLowerCase()).find((key) => ADDRESS.test(key));
  return own ?? `0x${createHash('sha256').update(`account ${account.id}`).digest('hex').slice(0, 40)}`;
}

/** "0x" and 64 digits. */
export function privateKeyOf(secret: string): string {
  return PRIVATE_KEY.test(secret) ? secret : `0x${createHash('sha256').update(secret).digest('hex')}`;
}

export function agentAddressOf({ secret }: Pick<ApiKey, 'secret'>, crypto: Crypto): string {
  return crypto.addressOf(Buffer.from(privateKeyOf(secret).slice(2), 'hex'));
}

/** Accounts in hedge mode do not exist on this exchange. */
export function accountAt(engine: Engine, address: string): Account | null {
  const wanted = address.toLowerCase();
  const isAt = (account: Account): boolean =>
    account.positionMode === 'one-way' && addressOfAccount(account) === wanted;
  return engine.accounts().find(isAt) ?? null;
}

/** The account for which this address may sign; null if there is none. */
export function accountOfSigner(engine: Engine, signer: string, crypto: Crypto): Account | null {
  const signs = (key: ApiKey): boolean => key.canTrade && agentAddressOf(key, crypto) === signer;
  return engine.accounts().find((account) => account.positionMode === 'one-way' && account.keys.some(signs)) ?? null;
}

/** The account whose API wallet has this address, unless that is its own wallet. */
export function masterOfAgent(engine: Engine, address: string, crypto: Crypto): Account | null {
  const master = accountOfSigner(engine, address.toLowerCase(), crypto);
  return master !== null && addressOfAccount(master) !== address.toLowerCase() ? master : null;
}
