import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TokenRole } from '../config/serve-schema.js';

/** A token's bearer. */
export interface Identity {
  name: string;
  role: TokenRole;
  /** Null: all accounts. */
  accounts: ReadonlySet<string> | null;
}

/** A configured token. */
export interface KnownToken extends Identity {
  /** SHA-256, hexadecimal. */
  sha256: string;
}

/** Marks a text as a token of Plumbline, for people and for scanners of leaked secrets. */
export const TOKEN_PREFIX = 'plb_';
const TOKEN_BYTES = 32;
/** Longer texts are not hashed. */
const MAX_TOKEN_CHARACTERS = 200;

/** A new token of 256 random bits. */
export function newToken(): string {
  return TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

/** The token of an `Authorization: Bearer` header; null if there is none. */
export function bearerOf(header: string | undefined): string | null {
  return /^bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? null;
}

/**
 * Finds a token's bearer. Compares the hash with every configured hash, each in constant time, so response times reveal nothing
 * about them. A token has 256 random bits, so a plain hash needs no salt and no stretching.
 */
export function identify(token: string, known: readonly KnownToken[]): Identity | null {
  if (token.length > MAX_TOKEN_CHARACTERS) return null;
  const hash = Buffer.from(hashToken(token), 'hex');
  let found: Identity | null = null;
  for (const { sha256, ...identity } of known) {
    if (timingSafeEqual(hash, Buffer.from(sha256, 'hex'))) found = identity;
  }
  return found;
}
