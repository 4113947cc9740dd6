import { createHmac, randomBytes } from 'node:crypto';

/** Of this process only, so that an identity cannot be looked up from a list of keys elsewhere. */
const salt = randomBytes(32);

/**
 * A name for a set of credentials that shows nothing of them. Equal credentials have equal names within one process: two
 * accounts that read with one key share its bans.
 */
export function keyIdentity(credentials: Readonly<Record<string, string>>): string {
  const fields = Object.entries(credentials).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', salt).update(JSON.stringify(fields)).digest('base64url');
}
