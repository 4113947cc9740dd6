import type { SnapshotReceipt } from '../domain/run.js';
import type { Snapshot } from '../domain/snapshot.js';
import type { ExchangeInspector } from '../exchange/exchange-reader.js';
import type { InternalSource } from '../internal/internal-source.js';
import type { FailureRecord, Ledger } from '../ledger/ledger.js';
import type {
  FetchExchangeRequest,
  FetchInternalRequest,
  InterventionRecord,
  JudgeAnswer,
  JudgeRequest,
  NotifyRequest,
  RecordAnswer,
  RecordRequest,
} from './activity-messages.js';
import { attempt, guarded } from './attempt.js';
import { createInspections } from './inspections.js';
import { judgeLooks, type Explain } from './judge.js';
import { ownAccount } from './own-account.js';
import { readInternal } from './read-internal.js';

/** What the worker has for one account: its two witnesses. */
export interface AccountWitnesses {
  exchange: () => Promise<ExchangeInspector>;
  internal: InternalSource;
}

export interface ActivityDependencies {
  ledger: Ledger;
  /** Throws FailureError (configuration) for an account that is not in this worker's configuration. */
  witnesses: (account: string) => AccountWitnesses;
  /** Calls a human on every channel there is. */
  notify: (request: NotifyRequest) => Promise<void>;
  /** Every text that leaves the worker goes through it. */
  redact: (text: string) => string;
  /** Seconds a phase took, for the worker's histogram. */
  observe: (account: string, phase: 'exchange' | 'internal' | 'judge', seconds: number) => void;
  now: () => number;
}

export type Activities = ReturnType<typeof createActivities>;

/** The activities of one worker. Each is safe to be delivered any number of times. */
export function createActivities(deps: ActivityDependencies) {
  const { ledger, witnesses, now } = deps;
  const inspectIfDue = createInspections(deps);

  return {
    /** Reads the exchange's side of a look and stores it. */
    async fetchExchangeState({ key, look, retryBudgetMs, balances }: FetchExchangeRequest): Promise<SnapshotReceipt> {
      return attempt({ deps, account: key.account, phase: 'exchange', retryBudgetMs }, async (progress) => {
        const reader = await witnesses(key.account).exchange();
        const snapshot = await reader.readState({ ...progress, balances });
        const receipt = await ledger.putSnapshot(key, look, speakable(snapshot, deps.redact));
        await inspectIfDue(key.account, reader, progress);
        return receipt;
      });
    },

    /** Reads the bot's side of a look, with symbols made unified, and stores it. */
    async fetchInternalState(request: FetchInternalRequest): Promise<SnapshotReceipt> {
      const { key, look, retryBudgetMs, maxInternalAgeSeconds } = request;
      return attempt({ deps, account: key.account, phase: 'internal', retryBudgetMs }, async (progress) => {
        const snapshot = await readInternal(witnesses(key.account), { ...progress, now, maxInternalAgeSeconds });
        return ledger.putSnapshot(key, look, speakable(snapshot, deps.redact));
      });
    },

    /** Compares the looks of a run and records the verdict, if there is one already. */
    async judge(request: JudgeRequest): Promise<JudgeAnswer> {
      const { account } = request.key;
      return attempt({ deps, account, phase: 'judge', retryBudgetMs: request.retryBudgetMs }, async (progress) => {
        const explain: Explain = {
          async missingOrders(orders) {
            const reader = await witnesses(account).exchange();
            const explanations = await reader.explainMissingOrders(orders, progress);
            return explanations.map((each) => ({ ...each, source: deps.redact(each.source) }));
          },
          notices: async (question) => (await witnesses(account).exchange()).readNotices(question, progress),
        };
        return judgeLooks(ledger, request, request.explain ? explain : null);
      });
    },

    /** Tells the ledger one thing from the workflow's outbox. */
    async record(request: RecordRequest): Promise<RecordAnswer> {
      return attempt({ deps, account: accountOf(request), phase: null, retryBudgetMs: Infinity }, async () => {
        switch (request.kind) {
          case 'register':
            await ledger.registerAccount(request);
            return { run: null, lastRunNumber: (await ledger.account(request.account))?.lastRunNumber ?? 0 };
          case 'deactivate':
            await ledger.deactivateAccount(request.account);
            return NOTHING_TO_ANSWER;
          case 'pause':
            await ledger.recordPause(request);
            return NOTHING_TO_ANSWER;
          case 'failure':
            return { run: await ledger.recordFailure(failureRecord(request)), lastRunNumber: null };
        }
      });
    },

    /** Calls a human. Delivered at least once: a channel that is told twice beats one that was not told. */
    async notifyHuman(request: NotifyRequest): Promise<void> {
      await guarded({ redact: deps.redact, account: request.account }, async () => deps.notify(request));
    },

    async recordIntervention(record: InterventionRecord): Promise<void> {
      const account = record.account ?? ownAccount();
      await attempt({ deps, account, phase: null, retryBudgetMs: Infinity }, async () => {
        switch (record.kind) {
          case 'opened':
            return ledger.openIntervention({ ...record, account });
          case 'reason':
            return ledger.addInterventionReason(record);
          case 'notified':
            return ledger.recordNotification(record);
          case 'snoozed':
            return ledger.snoozeIntervention({ ...record, until: new Date(record.until) });
          case 'acknowledged':
            return ledger.acknowledgeIntervention(record);
        }
      });
    },
  };
}

/** With its words redacted. Rows are no words: an id or a number that resembles a secret must stay what it is. */
function speakable(snapshot: Snapshot, redact: (text: string) => string): Snapshot {
  return { ...snapshot, gaps: snapshot.gaps.map(({ scope, reason }) => ({ scope, reason: redact(reason) })) };
}

const NOTHING_TO_ANSWER: RecordAnswer = { run: null, lastRunNumber: null };

function failureRecord(request: Extract<RecordRequest, { kind: 'failure' }>): FailureRecord {
  return { ...request, startedAt: new Date(request.startedAt), endedAt: new Date(request.endedAt) };
}

function accountOf(request: RecordRequest): string {
  return request.kind === 'failure' ? request.key.account : request.account;
}
