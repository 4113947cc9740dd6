import { createHash } from 'node:crypto';

/** A user number, for exchanges that have them; constant for an account. */
export function userIdOf(accountId: string): number {
  return Number.parseInt(createHash('sha256').update(accountId).digest('hex').slice(0, 8), 16);
}
