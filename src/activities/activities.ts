import { activityInfo, Context } from '@temporalio/activity';
import { boundedAccount, boundedFailure, boundedReceipt, boundedRun } from '../domain/lifecycle/bounded.js';
import type { OpenIntervention } from '../domain/lifecycle/known-account.js';
import type { RecordedRun, SnapshotReceipt } from '../domain/lifecycle/run.js';
import type { Snapshot } from '../domain/snapshot/snapshot.js';
import type { FailureRecord } from '../ledger/contract/ledger.js';
import type {
  FetchExchangeRequest,
  FetchInternalRequest,
  InterventionAnswer,
  InterventionRecord,
  JudgeAnswer,
  JudgeRequest,
  NotifyAnswer,
  NotifyRequest,
  RecordAnswer,
  RecordRequest,
} from './activity-messages.js';
import type { ActivityDependencies } from './dependencies.js';
import { runAttempt, guarded, showSign } from './run-attempt.js';
import { servesIntervention } from './intervention-workflow.js';
import { createInspections } from './inspections.js';
import { lostIntervention, recordIntervention, type ServesIntervention } from './interventions.js';
import { judgeObservations, type Explain } from './judge.js';
import { ownAccount } from './own-account.js';
import { readInternal } from '../observe/read-internal.js';

export type Activities = ReturnType<typeof createActivities>;

/** The activities of one worker. Each is idempotent: Temporal may deliver it any number of times. */
export function createActivities(deps: ActivityDependencies) {
  const { ledger, sides, now } = deps;
  const inspectIfDue = createInspections(deps);
  const isServed: ServesIntervention = async (account) => servesIntervention(Context.current().client, account);
  const lost = async (account: string): Promise<OpenIntervention | null> => lostIntervention(ledger, isServed, account);

  return {
    /** Reads exchange state for an observation and stores it. */
    async fetchExchangeState({ key, look, retryBudgetMs, balances }: FetchExchangeRequest): Promise<SnapshotReceipt> {
      return runAttempt({ deps, account: key.account, phase: 'exchange', retryBudgetMs }, async (progress) => {
        const reader = await sides(key.account).exchange();
        const snapshot = await reader.readState({ ...progress, balances });
        const receipt = await ledger.putSnapshot(key, look, speakable(snapshot, deps.redact));
        await inspectIfDue(key.account, reader, progress);
        return boundedReceipt(receipt);
      });
    },

    /** Reads internal state for an observation, converts its symbols to unified ones, and stores it. */
    async fetchInternalState(request: FetchInternalRequest): Promise<SnapshotReceipt> {
      const { key, look, retryBudgetMs, maxInternalAgeSeconds } = request;
      return runAttempt({ deps, account: key.account, phase: 'internal', retryBudgetMs }, async (progress) => {
        const snapshot = await readInternal(sides(key.account), { ...progress, now, maxInternalAgeSeconds });
        return boundedReceipt(await ledger.putSnapshot(key, look, speakable(snapshot, deps.redact)));
      });
    },

    /** Compares the observations of a run and, if they give a verdict, records it. */
    async judge(request: JudgeRequest): Promise<JudgeAnswer> {
      const { account } = request.key;
      return runAttempt({ deps, account, phase: 'judge', retryBudgetMs: request.retryBudgetMs }, async (progress) => {
        const explain: Explain = {
          async missingOrders(orders) {
            const reader = await sides(account).exchange();
            const explanations = await reader.explainMissingOrders(orders, progress);
            return explanations.map((each) => ({ ...each, source: deps.redact(each.source) }));
          },
          venueActions: async (question) => (await sides(account).exchange()).readVenueActions(question, progress),
        };
        const answer = await judgeObservations(ledger, request, request.explain ? explain : null);
        if (answer.kind === 'look_again') await showSign(ledger, account, answer.inSeconds);
        if (answer.kind !== 'recorded') return answer;
        return { ...answer, run: boundedRun(answer.run), lostIntervention: await lost(account) };
      });
    },

    /** Records one item of the workflow's outbox in the ledger. */
    async record(request: RecordRequest): Promise<RecordAnswer> {
      const account = accountOf(request);
      return runAttempt({ deps, account, phase: null, retryBudgetMs: Infinity }, async () => {
        const askedAtMs = activityInfo().currentAttemptScheduledTimestampMs;
        const done: RecordAnswer = { run: null, lastRunNumber: null, askedAtMs };
        switch (request.kind) {
          case 'register': {
            const known = boundedAccount(await ledger.registerAccount(withDate(request)));
            return { ...done, known, lastRunNumber: known.lastRunNumber, lostIntervention: await lost(account) };
          }
          case 'deactivate':
            await ledger.deactivateAccount(account, request.by);
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

    async recordIntervention(record: InterventionRecord): Promise<InterventionAnswer> {
      const account = record.account ?? ownAccount();
      return runAttempt({ deps, account, phase: null, retryBudgetMs: Infinity }, async () =>
        recordIntervention(ledger, { ...record, account }),
      );
    },
  };
}

/** Redacts the reasons of gaps. Rows stay unchanged, because an id or a number that resembles a secret must be compared. */
function speakable(snapshot: Snapshot, redact: (text: string) => string): Snapshot {
  return { ...snapshot, gaps: snapshot.gaps.map(({ scope, reason }) => ({ scope, reason: redact(reason) })) };
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
