import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a one-time link in a message is for. */
export interface LinkClaims {
  account: string;
  interventionId: string;
  /** The channel that the message went to; recorded with the act. */
  channel: string;
  expiresAt: Date;
  /** The same for each attempt to deliver a message, and for no other message: a link acts once. */
  nonce: string;
}

export type CheckedLink = { kind: 'valid' | 'expired'; claims: LinkClaims } | { kind: 'invalid' };

/** How long a link can act. Each reminder has a new link. */
export const LINK_HOURS = 24;
export const MIN_LINK_SECRET_BYTES = 32;

/** Part of what is signed, so that a signature for another purpose or version of the claims is not valid here. */
const PURPOSE = 'plumbline-link-1';
const MAX_CHARACTERS = 1_000;
const NONCE_BYTES = 16;

/**
 * A link for a message. Pure: the same message gets the same nonce, so that a repeated delivery does not allow a second act.
 *
 * @param key the message's key
 */
export function messageLink(
  { publicUrl, secret }: { publicUrl: string; secret: string },
  about: { account: string; interventionId: string; channel: string; key: string },
  now: Date,
): { url: string; label: string } {
  const { account, interventionId, channel, key } = about;
  const expiresAt = new Date(now.getTime() + LINK_HOURS * 3_600_000);
  const nonce = createHmac('sha256', secret)
    .update(`${PURPOSE} nonce\0${key}\0${interventionId}`)
    .digest()
    .subarray(0, NONCE_BYTES)
    .toString('base64url');
  const token = signLink({ account, interventionId, channel, expiresAt, nonce }, secret);
  return { url: `${publicUrl}/a/${token}`, label: 'See the state, and acknowledge' };
}

/** The claims with their signature, for a URL's path. @throws RangeError if the secret is too short */
export function signLink({ account, interventionId, channel, expiresAt, nonce }: LinkClaims, secret: string): string {
  const seconds = Math.floor(expiresAt.getTime() / 1_000);
  const claims = Buffer.from(JSON.stringify([account, interventionId, channel, seconds, nonce])).toString('base64url');
  return `${claims}.${signatureOf(claims, secret).toString('base64url')}`;
}

/** Accepts any text. Uses nothing in it before the signature has been checked. */
export function checkLink(token: string, secret: string, now: Date): CheckedLink {
  const [, claims, signature] = /^([\w-]+)\.([\w-]{43})$/.exec(token.slice(0, MAX_CHARACTERS + 1)) ?? [];
  if (token.length > MAX_CHARACTERS || claims === undefined || signature === undefined) return { kind: 'invalid' };
  const given = Buffer.from(signature, 'base64url');
  const right = signatureOf(claims, secret);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return { kind: 'invalid' };
  const read = readClaims(claims);
  if (read === null) return { kind: 'invalid' };
  // Written so that an invalid time counts as past.
  return { kind: read.expiresAt > now ? 'valid' : 'expired', claims: read };
}

function signatureOf(claims: string, secret: string): Buffer {
  if (Buffer.byteLength(secret) < MIN_LINK_SECRET_BYTES) {
    throw new RangeError(`the secret of links has fewer than ${MIN_LINK_SECRET_BYTES} bytes`);
  }
  return createHmac('sha256', secret).update(`${PURPOSE}\0${claims}`).digest();
}

/** Null for claims of another form. They have a valid signature, so another version signed them. */
function readClaims(text: string): LinkClaims | null {
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(read) || read.length !== 5) return null;
  const [account, interventionId, channel, seconds, nonce] = read as unknown[];
  if (typeof account !== 'string' || typeof interventionId !== 'string' || typeof channel !== 'string') return null;
  if (typeof seconds !== 'number' || typeof nonce !== 'string') return null;
  return { account, interventionId, channel, expiresAt: new Date(seconds * 1_000), nonce };
}
