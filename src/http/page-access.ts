import type { FastifyRequest } from 'fastify';
import { FailureError } from '../domain/failure/failure.js';
import { mayUse, READERS, type Exceeded } from './guard.js';
import type { PageAccess, Refused } from './pages/page-parts.js';
import { actError, RequestError } from './request-error.js';
import { isFromOwnPage, type Sessions } from './sessions.js';
import { identify, type KnownToken } from './tokens.js';

export interface PageAccessParts {
  tokens: readonly KnownToken[];
  sessions: Sessions;
  /** Counts a wrong token. Returns the limit if its address has sent too many, else null. */
  failed: (request: FastifyRequest) => Promise<Exceeded | null>;
  publicUrl: string | null;
  /** Whether a browser may read without a session. */
  isOpen: boolean;
}

/** The API's access rules for pages. The guard decides on each request; this decides what a page shows. */
export function pageAccess({ tokens, sessions, failed, publicUrl, isOpen }: PageAccessParts): PageAccess {
  return {
    hasTokens: tokens.length > 0,
    sees: ({ bearer }, account) => mayUse(bearer, account),
    hasSession: (request) => sessions.find(request) !== null,
    mayStay: (request) => {
      const hasHeader = request.headers.authorization !== undefined;
      return tokens.length === 0 || isOpen || hasHeader || sessions.find(request) !== null;
    },
    isFromOwnPage: (request) => isFromOwnPage(request, publicUrl),
    logIn: async (request, reply, token) => {
      const bearer = identify(token, tokens);
      if (bearer === null) {
        const limit = await failed(request);
        return limit === null
          ? { status: 401, message: 'The token is not known.', remedy: null }
          : { status: 429, message: `Too many wrong tokens. Try again in ${limit.ttlInSeconds} s.`, remedy: null };
      }
      if (!READERS.includes(bearer.role)) {
        const message = `The token "${bearer.name}" has the role ${bearer.role}: it is for a program and shows no pages.`;
        return { status: 403, message, remedy: null };
      }
      reply.header('set-cookie', sessions.begin(bearer, request, publicUrl?.startsWith('https:') === true));
      return null;
    },
    logOut: (request, reply) => void reply.header('set-cookie', sessions.end(request)),
  };
}

/** An error in words for people; null for a fault of Plumbline itself, which is logged and not shown. */
export function refusedOf(error: unknown): Refused | null {
  const known = actError(error);
  if (known instanceof RequestError) return { status: known.status, message: known.message, remedy: known.remedy };
  if (known instanceof FailureError)
    return { status: 503, message: known.failure.message, remedy: known.failure.remedy };
  if (
    known instanceof Error &&
    'statusCode' in known &&
    typeof known.statusCode === 'number' &&
    known.statusCode < 500
  ) {
    return { status: known.statusCode, message: known.message, remedy: null };
  }
  return null;
}
