import { meaningOf, type Failure } from '../../domain/failure/failure.js';
import type { SharedCause, SharedProblem } from '../../domain/failure/shared-cause.js';

/** What a person needs to know about a problem. */
export interface ProblemWords {
  /** "binanceusdm does not answer". */
  what: string;
  cause: string;
  /** What to do, in one line. It can do no harm. */
  next: string;
}

const PROBLEMS: Record<SharedProblem, (exchange: string) => ProblemWords> = {
  exchange_down: (exchange) => ({
    what: `${exchange} does not answer`,
    cause: 'the exchange is down or in maintenance, or the network between Plumbline and the exchange is broken',
    next: "read the exchange's status page. If it reports no problem, check the network of the machine on which Plumbline runs. Plumbline tries again by itself",
  }),
  rate_limited: (exchange) => ({
    what: `${exchange} refuses requests because there are too many`,
    cause: 'Plumbline and other programs together send more requests than the exchange allows this address or key',
    next: 'wait: the ban ends by itself. Then find what else uses this address or key, or raise interval_minutes',
  }),
  clock_skew: (exchange) => ({
    what: `${exchange} refuses requests because our clock is wrong`,
    cause: 'the clock of the machine on which Plumbline runs is wrong',
    next: 'synchronise the clock of that machine (NTP)',
  }),
  ledger_down: () => ({
    what: "Plumbline's database does not answer",
    cause: 'PostgreSQL is down or full, or cannot be reached from the machine on which Plumbline runs',
    next: 'check that PostgreSQL runs and can be reached. Plumbline tries again by itself and records what it missed',
  }),
  worker_down: () => ({
    what: 'no worker of Plumbline finishes the checks',
    cause: 'the worker was killed, is overloaded, or has lost its network',
    next: 'look at the log and the memory of the worker, and restart it if it does not run',
  }),
};

export function problemWords({ problem, exchange }: SharedCause): ProblemWords {
  return PROBLEMS[problem](exchange ?? 'the exchange');
}

/** The texts for a failure of a single account. */
export function failureWords({ kind, side, remedy }: Failure, exchange: string): ProblemWords {
  const other = side === 'internal' ? 'the bot' : exchange;
  return {
    what: (side === 'internal' ? OF_BOT[kind] : undefined) ?? WHAT[kind],
    cause: lowered(meaningOf(kind).replace(/\.$/, '')).replace('the other side', other),
    next: lowered(remedy.replace(/\.$/, '')),
  };
}

/** A failure in a few words, for a subject. */
const WHAT: Record<Failure['kind'], string> = {
  network: 'no connection',
  timeout: 'no answer in time',
  rate_limited: 'too many requests',
  maintenance: 'the exchange is in maintenance',
  unreadable: 'an answer cannot be read',
  incomplete: 'an answer is incomplete',
  too_large: 'an answer is too large',
  authentication: 'the exchange refuses its key',
  permission: 'its key may not read the account',
  clock_skew: 'our clock is wrong',
  unsupported: 'this kind of account is not supported',
  configuration: 'its configuration cannot be used',
  internal_stale: "its bot's state is too old",
  ledger: "Plumbline's database does not answer",
  bug: 'Plumbline has a defect',
};

const OF_BOT: Partial<Record<Failure['kind'], string>> = {
  network: 'its bot does not answer',
  timeout: 'its bot does not answer',
  rate_limited: 'its bot refuses requests because there are too many',
  maintenance: 'its bot says that it is not available',
  unreadable: "its bot's state cannot be read",
  incomplete: "its bot's state is incomplete",
  too_large: "its bot's state is too large",
  authentication: 'its bot refuses our credentials',
  permission: "the bot's state may not be read",
};

/** The sentence as a clause. */
function lowered(sentence: string): string {
  return /^[A-Z][a-z]/.test(sentence) && !sentence.startsWith('Plumbline')
    ? sentence.charAt(0).toLowerCase() + sentence.slice(1)
    : sentence;
}
