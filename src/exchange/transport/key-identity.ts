import { createHmac, randomBytes } from 'node:crypto';

/** Random per process, so an identity cannot be found by hashing a list of keys. */
const salt = randomBytes(32);

/**
 * A name for a set of credentials that reveals nothing of them. Equal credentials have equal names within one process, so two
 * accounts with one key share its bans.
 */
export function keyIdentity(credentials: Readonly<Record<string, string>>): string {
  const fields = Object.entries(credentials).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', salt).update(JSON.stringify(fields)).digest('base64url');
}
