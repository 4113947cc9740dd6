import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Identity } from './tokens.js';

/** A browser logs in again after this time. */
const LIFETIME_MS = 12 * 3_600_000;
/** The oldest session ends when there are more. */
const MAX_SESSIONS = 1_000;

interface Session {
  identity: Identity;
  endsAtMs: number;
}

/**
 * Browsers that have logged in with a token. The cookie holds a random id and not the token, because other servers on the same host
 * name get it, too, whatever their port. Sessions live in memory, so a restart ends them, and so does a change of the tokens.
 */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  constructor(private readonly now: () => number = Date.now) {}

  /** @returns the value of the header `Set-Cookie` */
  begin(identity: Identity, request: FastifyRequest, isPublicHttps: boolean): string {
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(id, { identity, endsAtMs: this.now() + LIFETIME_MS });
    if (this.#sessions.size > MAX_SESSIONS)
      for (const oldest of [...this.#sessions.keys()].slice(0, 1)) this.#sessions.delete(oldest);
    return cookie(request, id, LIFETIME_MS / 1_000, isPublicHttps);
  }

  /** The bearer of the request's session; null if there is none. */
  find(request: FastifyRequest): Identity | null {
    const id = idOf(request);
    const session = id === null ? undefined : this.#sessions.get(id);
    if (id === null || session === undefined) return null;
    if (session.endsAtMs > this.now()) return session.identity;
    this.#sessions.delete(id);
    return null;
  }

  /** Ends all, because the tokens have changed. */
  endAll(): void {
    this.#sessions.clear();
  }

  /** Ends the request's session. @returns the value of the header `Set-Cookie` that removes the cookie */
  end(request: FastifyRequest): string {
    const id = idOf(request);
    if (id !== null) this.#sessions.delete(id);
    return cookie(request, '', 0, false);
  }
}

/** Cookies ignore the port, so the port is in the name: two servers on one machine do not end each other's sessions. */
function nameOf({ socket }: FastifyRequest): string {
  return `plumbline_session_${socket.localPort ?? 0}`;
}

function idOf(request: FastifyRequest): string | null {
  const name = nameOf(request);
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value !== undefined && value !== '') return value;
  }
  return null;
}

function cookie(request: FastifyRequest, value: string, maxAgeSeconds: number, isPublicHttps: boolean): string {
  // A proxy that ends TLS says so; a client that lies only loses its own cookie.
  const isSecure = isPublicHttps || request.headers['x-forwarded-proto'] === 'https';
  const secure = isSecure ? '; Secure' : '';
  return `${nameOf(request)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}

/**
 * Whether a browser sent the request from a page of this server. The cookie alone does not tell: to a browser every port of a host is
 * the same site.
 */
export function isFromOwnPage({ headers }: FastifyRequest, publicUrl: string | null): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const { origin, host } = headers;
  // Old browsers send neither; a request of theirs is refused.
  if (origin === undefined) return site === 'same-origin';
  if (!URL.canParse(origin)) return false;
  // A proxy in front of this server may use another host name than people do.
  const own = [host, publicUrl === null ? null : new URL(publicUrl).host];
  return own.includes(new URL(origin).host);
}
