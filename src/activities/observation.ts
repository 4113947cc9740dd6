import { activityInfo } from '@temporalio/activity';
import { FailureError, isRetryable } from '../domain/failure/failure.js';
import { needsPrices } from '../domain/policy/drift-rules.js';
import type { Side, Snapshot, Unread } from '../domain/snapshot/snapshot.js';
import type { ReadOptions } from '../exchange/exchange-reader.js';
import { NO_SPANS } from '../runtime/spans.js';
import { readInternal } from '../observe/read-internal.js';
import type { ObserveRequest } from './activity-messages.js';
import type { ActivityDependencies } from './dependencies.js';
import type { createInspections } from './inspections.js';

/** How long one attempt of a read may take. */
const READ_TIMEOUT_MS = 120_000;

type Dependencies = Pick<ActivityDependencies, 'ledger' | 'sides' | 'redact' | 'observe' | 'now' | 'spans'>;

/**
 * Reads both sides at the same time and stores them. Waits for both, because half an observation is useless; a side that was
 * read is stored although the other failed, and a later attempt reads only the other one. So a bot that does not answer
 * costs no further reads of the exchange.
 *
 * @throws the failure that no retry helps, if one side has such a failure; else the exchange's, else the bot's
 */
export async function readBothSides(
  deps: Dependencies,
  inspectIfDue: ReturnType<typeof createInspections>,
  { key, look, policy }: ObserveRequest,
  progress: ReadOptions,
): Promise<void> {
  const { ledger, now, spans = NO_SPANS } = deps;
  const sides = deps.sides(key.account);
  const prices = needsPrices(policy);
  const stored = activityInfo().attempt === 1 ? [] : await ledger.storedSides(key, look);
  const reads: Record<Side, (options: ReadOptions) => Promise<Snapshot>> = {
    async exchange(options) {
      const reader = await sides.exchange();
      const snapshot = await reader.readState({ ...options, balances: policy.compareBalances, prices });
      await inspectIfDue(key.account, reader, options);
      return snapshot;
    },
    internal: async (options) =>
      readInternal(sides, {
        ...options,
        now,
        spans,
        maxInternalAgeSeconds: policy.maxInternalAgeSeconds,
        ignoredSymbols: policy.ignore.symbols,
        prices,
      }),
  };
  const wanted = (['exchange', 'internal'] as const).filter((side) => !stored.includes(side));
  const answers = await withinTime(progress, wanted, async (side, options) => {
    const startedAt = now();
    return spans
      .within(`read ${side} state`, {}, async () => reads[side](options))
      .finally(() => deps.observe(key.account, side, (now() - startedAt) / 1000));
  });
  const taken = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const errors: unknown[] = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  const storing = ledger.putSnapshots(
    key,
    look,
    taken.map((snapshot) => speakable(snapshot, deps.redact)),
  );
  if (errors.length === 0) await storing;
  // The failed read decides about the attempt. If its side could not be stored, the next attempt reads it again.
  else {
    await storing.catch(() => undefined);
    throw decisive(errors);
  }
}

/**
 * Redacts the reasons of gaps and of what could not be read. Rows stay unchanged, because an id or a number that resembles a
 * secret must be compared.
 */
export function speakable(snapshot: Snapshot, redact: (text: string) => string): Snapshot {
  const { gaps, unread } = snapshot;
  return {
    ...snapshot,
    gaps: gaps.map(({ scope, reason }) => ({ scope, reason: redact(reason) })),
    ...(unread === undefined ? {} : { unread: unread.map((part) => redactedPart(part, redact)) }),
  };
}

/** An unknown symbol may be any text of the bot. It stands for no row that is compared, so it is redacted, too. */
function redactedPart(part: Unread, redact: (text: string) => string): Unread {
  return { ...part, symbol: part.symbol === null ? null : redact(part.symbol), reason: redact(part.reason) };
}

/** Reads the sides; a read that exceeds the time of one attempt has failed, even if it does not end when it is aborted. */
async function withinTime<T>(
  progress: ReadOptions,
  sides: readonly Side[],
  read: (side: Side, options: ReadOptions) => Promise<T>,
): Promise<PromiseSettledResult<T>[]> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(progress.signal?.reason);
  progress.signal?.addEventListener('abort', abort, { once: true });
  if (progress.signal?.aborted === true) abort();
  const late = new Set<() => void>();
  const timer = setTimeout(() => {
    controller.abort();
    for (const reject of late) reject();
  }, READ_TIMEOUT_MS);
  try {
    return await Promise.allSettled(
      sides.map(async (side) => {
        const tooLong = new Promise<never>((_, reject) => late.add(() => reject(readTooLong(side))));
        return Promise.race([read(side, { ...progress, signal: controller.signal }), tooLong]);
      }),
    );
  } finally {
    clearTimeout(timer);
    progress.signal?.removeEventListener('abort', abort);
  }
}

/**
 * The error that decides whether the observation is tried again. If both sides may be, the next attempt waits as long as
 * either side asks for.
 */
export function decisive(errors: readonly unknown[]): unknown {
  const failures = errors.map((error) => (error instanceof FailureError ? error.failure : null));
  const final = failures.findIndex((failure) => failure === null || !isRetryable(failure.kind));
  if (final >= 0) return errors[final];
  const [first, second] = failures;
  if (first === undefined || first === null || second === undefined || second === null) return errors[0];
  const retryAfterMs = Math.max(first.retryAfterMs ?? 0, second.retryAfterMs ?? 0);
  return new FailureError({ ...first, retryAfterMs: retryAfterMs === 0 ? null : retryAfterMs });
}

function readTooLong(side: Side): FailureError {
  return new FailureError({
    kind: 'timeout',
    side,
    message: `the read did not end within ${READ_TIMEOUT_MS / 1000} s`,
    where: null,
    remedy: side === 'exchange' ? 'Check the network to the exchange.' : 'Check the bot: it may hang.',
    retryAfterMs: null,
  });
}
