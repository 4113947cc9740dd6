import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Acts } from '../../acts/acts.js';
import type { Proof } from '../../internal/proof.js';
import type { AccountTotals, Ledger } from '../../ledger/contract/ledger.js';
import type { Logger } from '../../logging/logger.js';
import type { WatchView } from '../../watch/finding.js';
import type { LedgerNews } from './board.js';

/** The part of a ledger that the pages show. */
export type PageLedger = Pick<
  Ledger,
  'overview' | 'runs' | 'events' | 'discrepancies' | 'timeline' | 'loadObservations'
>;

/** An error as a person sees it. */
export interface Refused {
  status: number;
  message: string;
  remedy: string | null;
}

/** What the pages need of the server. */
export interface PageParts {
  ledger: PageLedger;
  /** The answer of `/` to programs. */
  index: string;
  ask: <T>(question: string, answer: Promise<T>) => Promise<T>;
  /** Null if the ledger knows no such account. */
  totalsOf: (account: string) => Promise<AccountTotals | null>;
  watch: WatchView;
  news: LedgerNews;
  log: Logger;
  /** Absent: nobody can act here. */
  acts: Acts | null;
  /** What a match proves, by account. */
  proofs: ReadonlyMap<string, Proof>;
  /** The most pages that follow the stream. */
  maxStreams: number;
  access: PageAccess;
  /** An error of an act in words; null for a fault of Plumbline itself. */
  refusedOf: (error: unknown) => Refused | null;
}

/** Who may see and do what. */
export interface PageAccess {
  /** Whether the server has tokens. */
  hasTokens: boolean;
  /** Whether the viewer of the request may see the account. */
  sees: (request: FastifyRequest, account: string) => boolean;
  hasSession: (request: FastifyRequest) => boolean;
  /** Whether the request would still be accepted: its session may have ended. */
  mayStay: (request: FastifyRequest) => boolean;
  isFromOwnPage: (request: FastifyRequest) => boolean;
  /** Begins a session, or says why not. */
  logIn: (request: FastifyRequest, reply: FastifyReply, token: string) => Promise<Refused | null>;
  logOut: (request: FastifyRequest, reply: FastifyReply) => void;
}
