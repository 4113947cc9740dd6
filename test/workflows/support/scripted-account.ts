import type { WorkflowHandle } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
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
  RecordAnswer,
  RecordRequest,
} from '../../../src/activities/activity-messages.js';
import type { DeliverRequest } from '../../../src/domain/lifecycle/deliver-request.js';
import { DEFAULT_POLICY, type Policy } from '../../../src/domain/policy/policy.js';
import type { RecordedRun, SnapshotReceipt } from '../../../src/domain/lifecycle/run.js';
import * as messages from '../../../src/workflows/messages.js';
import { ACCOUNT, EXCHANGE, PAUSED } from '../../../src/workflows/search-attributes.js';
import { uniqueTaskQueue } from '../../support/temporal.js';
import { known, nothingRead, recordedRun } from './answers.js';
import type { Stage } from './stage.js';

/** What an account's activities answer. An activity throws to fail. */
export interface Script {
  fetchExchange: (request: FetchExchangeRequest) => SnapshotReceipt | Promise<SnapshotReceipt>;
  fetchInternal: (request: FetchInternalRequest) => SnapshotReceipt | Promise<SnapshotReceipt>;
  judge: (request: JudgeRequest) => JudgeAnswer | Promise<JudgeAnswer>;
  record: (request: RecordRequest) => RecordAnswer | Promise<RecordAnswer>;
  notify: (request: NotifyRequest) => NotifyAnswer | Promise<NotifyAnswer>;
  deliver: (request: DeliverRequest) => DeliverAnswer | Promise<DeliverAnswer>;
  /** Whether the server has a workflow of the account's intervention. */
  serves: () => boolean | Promise<boolean>;
  intervene: (record: InterventionRecord) => InterventionAnswer | Promise<InterventionAnswer>;
}

type Seen<T> = T & {
  /** The server's time at which it was asked, milliseconds. */
  at: number;
};

/** Quick to confirm, and tries each read once. */
export const POLICY: Policy = { ...DEFAULT_POLICY, retrySeconds: 0 };

/**
 * An account that agrees with its exchange, and a ledger that takes everything, until a test changes `script`. It keeps
 * what was asked of the activities.
 */
export class ScriptedAccount {
  readonly name = uniqueTaskQueue('stage');
  policy = POLICY;
  readonly exchangeReads: Seen<FetchExchangeRequest>[] = [];
  readonly internalReads: Seen<FetchInternalRequest>[] = [];
  readonly judged: Seen<JudgeRequest>[] = [];
  /** Everything that was offered to the ledger, whether it was taken or not. */
  readonly offered: Seen<RecordRequest>[] = [];
  readonly recorded: Seen<RecordRequest>[] = [];
  readonly notified: Seen<NotifyRequest>[] = [];
  readonly delivered: Seen<DeliverRequest>[] = [];
  readonly interventions: Seen<InterventionRecord>[] = [];
  script: Script = {
    fetchExchange: () => nothingRead('exchange'),
    fetchInternal: () => nothingRead('internal'),
    judge: ({ key }) => ({ kind: 'recorded', run: recordedRun(key.runNumber) }),
    record: (request) => {
      const nothing: RecordAnswer = { run: null, lastRunNumber: null };
      if (request.kind === 'register') return { ...nothing, known: known(), lastRunNumber: 0 };
      if (request.kind !== 'failure') return nothing;
      const { key, consecutiveFailures: failures, thresholdReached: called } = request;
      const run = recordedRun(key.runNumber, { outcome: 'failed', failure: request.failure });
      return { ...nothing, run, streak: { failures, called } };
    },
    notify: () => ({ acknowledgedBy: null }),
    deliver: () => ({ kind: 'delivered' }),
    serves: async () => this.isServed(),
    intervene: () => ({ acknowledgedBy: null }),
  };

  constructor(private readonly stage: Stage) {}

  use({ policy = {}, ...script }: Partial<Script> & { policy?: Partial<Policy> }): this {
    this.policy = { ...this.policy, ...policy };
    this.script = { ...this.script, ...script };
    return this;
  }

  get workflow(): WorkflowHandle {
    return this.stage.client.workflow.getHandle(messages.reconciliationWorkflowId(this.name));
  }

  get interventionWorkflow(): WorkflowHandle {
    return this.stage.client.workflow.getHandle(messages.interventionWorkflowId(this.name));
  }

  private async isServed(): Promise<boolean> {
    const { status } = await this.interventionWorkflow.describe().catch(() => ({ status: { name: 'NONE' } }));
    return status.name === 'RUNNING';
  }

  /** Starts the workflow without waiting for its first run. */
  async launch({
    by = 'test',
    input = {},
    workflowId = messages.reconciliationWorkflowId(this.name),
  } = {}): Promise<this> {
    await this.stage.client.workflow.start('reconciliation', {
      workflowId,
      taskQueue: this.stage.taskQueue,
      args: [{ account: this.name, exchange: 'scripted', policy: this.policy, ...input }],
      memo: { startedBy: by },
      typedSearchAttributes: new TypedSearchAttributes([
        { key: ACCOUNT, value: this.name },
        { key: EXCHANGE, value: 'scripted' },
        { key: PAUSED, value: false },
      ]),
    });
    return this;
  }

  /** Starts the workflow and waits until its first run has ended. */
  async start(options: Parameters<ScriptedAccount['launch']>[0] = {}): Promise<this> {
    await this.launch(options);
    await this.ran(1);
    return this;
  }

  /** Starts the intervention's workflow as the account's workflow does. */
  async launchIntervention(input: unknown, workflowId = messages.interventionWorkflowId(this.name)): Promise<this> {
    const { client, taskQueue } = this.stage;
    await client.workflow.start('manualIntervention', { workflowId, taskQueue, args: [input] });
    return this;
  }

  async status(): Promise<messages.ReconciliationStatus> {
    return this.workflow.query(messages.statusQuery);
  }

  async intervention(): Promise<messages.InterventionStatus> {
    return this.interventionWorkflow.query(messages.interventionStatusQuery);
  }

  /** Waits until so many runs have ended and the workflow waits again. */
  async ran(runs: number): Promise<messages.ReconciliationStatus> {
    return this.stage.until(
      async () => this.status(),
      ({ phase, lastRun }) => (phase === 'waiting' || phase === 'paused') && (lastRun?.runNumber ?? 0) >= runs,
    );
  }

  /** The server's times at which runs began, milliseconds. */
  runTimes(): number[] {
    return this.exchangeReads.filter(({ look }) => look === 1).map(({ at }) => at);
  }

  async signal(name: string, ...args: unknown[]): Promise<void> {
    await this.workflow.signal(name, ...args);
  }

  async update<T = unknown>(name: string, payload: unknown): Promise<T> {
    return this.workflow.executeUpdate<T, [unknown]>(name, { args: [payload] });
  }

  async runNow(by = 'ada'): Promise<RecordedRun> {
    return this.update<RecordedRun>('runNow', { by });
  }
}
