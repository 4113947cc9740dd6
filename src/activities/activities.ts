import { activityInfo, Context } from '@temporalio/activity';
import { boundedAccount, boundedFailure, boundedReceipt, boundedRun } from '../domain/lifecycle/bounded.js';
import type { OpenIntervention } from '../domain/lifecycle/known-account.js';
import type { RecordedRun, SnapshotReceipt } from '../domain/lifecycle/run.js';
import type { ReadOptions } from '../exchange/exchange-reader.js';
import type { FailureRecord } from '../ledger/contract/ledger.js';
import type {
  DeliverAnswer,
  FetchExchangeRequest,
  FetchInternalRequest,
  InterventionAnswer,
  InterventionRecord,
  JudgeAnswer,
  JudgeRequest,
  NotifyAnswer,
  NotifyRequest,
  ObserveRequest,
  RecordAnswer,
  RecordRequest,
} from './activity-messages.js';
import type { DeliverRequest } from '../domain/lifecycle/deliver-request.js';
import { deliver } from './deliver.js';
import { createDisplay } from './display.js';
import type { ActivityDependencies } from './dependencies.js';
import { runAttempt, guarded, showSign } from './run-attempt.js';
import { servesIntervention } from './intervention-workflow.js';
import { createInspections } from './inspections.js';
import { lostIntervention, recordIntervention, type ServesIntervention } from './interventions.js';
import { judgeObservations, type Explain } from './judge.js';
import { readBothSides, speakable } from './observation.js';
import { ownAccount } from './own-account.js';
import { readInternal } from '../observe/read-internal.js';
import { NO_SPANS } from '../runtime/spans.js';

export type Activities = ReturnType<typeof createActivities>;

/** The activities of one worker. Each is idempotent: Temporal may deliver it any number of times. */
export function createActivities(deps: ActivityDependencies) {
  const { ledger, sides, now, spans = NO_SPANS } = deps;
  const inspectIfDue = createInspections(deps);
  const display = createDisplay(deps);
  const isServed: ServesIntervention = async (account) => servesIntervention(Context.current().client, account);
  const lost = async (account: string): Promise<OpenIntervention | null> => lostIntervention(ledger, isServed, account);

  async function judged(request: JudgeRequest, progress: ReadOptions): Promise<JudgeAnswer> {
    const { account } = request.key;
    const explain: Explain = {
      async missingOrders(orders) {
        const reader = await sides(account).exchange();
        const explanations = await reader.explainMissingOrders(orders, progress);
        return explanations.map((each) => ({ ...each, source: deps.redact(each.source) }));
      },
      venueActions: async (question) => (await sides(account).exchange()).readVenueActions(question, progress),
    };
    const answer = await spans.within('judge', {}, async () =>
      judgeObservations(ledger, request, request.explain ? explain : null),
    );
    if (answer.kind === 'look_again') await showSign(ledger, account, answer.inSeconds);
    if (answer.kind !== 'recorded') return answer;
    deps.heartbeat?.(account, 'verdict');
    const run = boundedRun(answer.run);
    return { ...answer, run, lostIntervention: await lost(account), display: await display(account) };
  }

  return {
    /** Reads exchange state for an observation and stores it. */
    async fetchExchangeState({
      key,
      look,
      retryBudgetMs,
      balances,
      prices,
    }: FetchExchangeRequest): Promise<SnapshotReceipt> {
      return runAttempt({ deps, account: key.account, phase: 'exchange', retryBudgetMs }, async (progress) => {
        const reader = await sides(key.account).exchange();
        const snapshot = await reader.readState({ ...progress, balances, prices: prices === true });
        const receipt = await ledger.putSnapshot(key, look, speakable(snapshot, deps.redact));
        await inspectIfDue(key.account, reader, progress);
        return boundedReceipt(receipt);
      });
    },

    /** Reads internal state for an observation, converts its symbols to unified ones, and stores it. */
    async fetchInternalState(request: FetchInternalRequest): Promise<SnapshotReceipt> {
      const { key, look, retryBudgetMs, maxInternalAgeSeconds, ignoredSymbols = [], prices } = request;
      return runAttempt({ deps, account: key.account, phase: 'internal', retryBudgetMs }, async (progress) => {
        const snapshot = await readInternal(sides(key.account), {
          ...progress,
          spans,
          now,
          maxInternalAgeSeconds,
          ignoredSymbols,
          prices: prices === true,
        });
        return boundedReceipt(await ledger.putSnapshot(key, look, speakable(snapshot, deps.redact)));
      });
    },

    /**
     * One observation and its judgement: reads both sides, stores them, compares the observations of the run and, if they
     * give a verdict, records it. One activity, because each costs Temporal as much as all of this costs the worker.
     */
    async observe(request: ObserveRequest): Promise<JudgeAnswer> {
      const { account } = request.key;
      const { retryBudgetMs } = request;
      return runAttempt({ deps, account, phase: null, isRead: true, retryBudgetMs }, async (progress) => {
        await readBothSides(deps, inspectIfDue, request, progress);
        const startedAt = now();
        return judged({ ...request, explain: true }, progress).finally(() =>
          deps.observe(account, 'judge', (now() - startedAt) / 1000),
        );
      });
    },

    /** Compares the observations of a run and, if they give a verdict, records it. */
    async judge(request: JudgeRequest): Promise<JudgeAnswer> {
      const { account } = request.key;
      return runAttempt({ deps, account, phase: 'judge', retryBudgetMs: request.retryBudgetMs }, async (progress) =>
        judged(request, progress),
      );
    },

    /** Records one item of the workflow's outbox in the ledger. */
    async record(request: RecordRequest): Promise<RecordAnswer> {
      const account = accountOf(request);
      return runAttempt({ deps, account, phase: null, retryBudgetMs: Infinity }, async () => {
        const askedAtMs = activityInfo().currentAttemptScheduledTimestampMs;
        const done: RecordAnswer = { run: null, lastRunNumber: null, askedAtMs, display: await display(account) };
        switch (request.kind) {
          case 'register': {
            const known = boundedAccount(await ledger.registerAccount(withDate(request)));
            return { ...done, known, lastRunNumber: known.lastRunNumber, lostIntervention: await lost(account) };
          }
          case 'deactivate':
            await ledger.deactivateAccount(account, request.by, request.via);
            return done;
          case 'cancelled':
            await ledger.recordCancellation(request);
            return done;
          case 'pause':
            await ledger.recordPause(withDate(request));
            return done;
          case 'refused':
            await ledger.recordRefusal(request);
            return done;
          case 'failure': {
            const run: RecordedRun = boundedRun(await ledger.recordFailure(failureRecord(request)));
            deps.heartbeat?.(account, 'failed');
            const streak = await ledger.streak(account);
            return { ...done, run, streak, lostIntervention: await lost(account) };
          }
        }
      });
    },

    /**
     * Notifies a human, unless somebody has already acknowledged the intervention in the ledger. Delivered at least once: a
     * duplicate message is better than a lost one.
     */
    async notifyHuman(request: NotifyRequest): Promise<NotifyAnswer> {
      return guarded({ redact: deps.redact, account: request.account }, async () => {
        const acknowledgedBy = await ledger.acknowledgedBy(request.interventionId).catch(() => null);
        if (acknowledgedBy === null) await deps.notify(request);
        return { acknowledgedBy };
      });
    },

    /** Delivers one message on one channel. */
    async deliver(request: DeliverRequest): Promise<DeliverAnswer> {
      return deliver(deps, request);
    },

    /** Whether a workflow serves an intervention of the account now. */
    async servesIntervention({ account }: { account: string }): Promise<boolean> {
      return guarded({ redact: deps.redact, account }, async () => isServed(account));
    },

    async recordIntervention(record: InterventionRecord): Promise<InterventionAnswer> {
      const account = record.account ?? ownAccount();
      return runAttempt({ deps, account, phase: null, retryBudgetMs: Infinity }, async () =>
        recordIntervention(ledger, { ...record, account }),
      );
    },
  };
}

/** Converts the ISO time of a message to the Date that the ledger needs. */
function withDate<T extends { nextRunAt?: string | null }>(
  request: T,
): Omit<T, 'nextRunAt'> & { nextRunAt?: Date | null } {
  const { nextRunAt, ...rest } = request;
  return nextRunAt === undefined ? rest : { ...rest, nextRunAt: nextRunAt === null ? null : new Date(nextRunAt) };
}

function failureRecord(request: Extract<RecordRequest, { kind: 'failure' }>): FailureRecord {
  const { startedAt, endedAt, ...rest } = withDate(request);
  return {
    ...rest,
    failure: boundedFailure(request.failure),
    startedAt: new Date(startedAt),
    endedAt: new Date(endedAt),
  };
}

function accountOf(request: RecordRequest): string {
  return request.kind === 'failure' ? request.key.account : request.account;
}
