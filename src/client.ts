import { setTimeout as delay } from 'node:timers/promises';
import {
  Client,
  Connection,
  type ConnectionLike,
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import {
  ApplicationFailure,
  SearchAttributeType,
  TypedSearchAttributes,
  WorkflowExecutionAlreadyStartedError,
  type PayloadCodec,
  type UpdateDefinition,
} from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import proto, { type temporal } from '@temporalio/proto';
import type { Pause } from './domain/lifecycle/known-account.js';
import type { Policy } from './domain/policy/policy.js';
import type { RecordedRun } from './domain/lifecycle/run.js';
import type { ActRequest, ActWay } from './domain/lifecycle/way.js';
import * as messages from './workflows/messages.js';
import type { InterventionStatus, ReconciliationStatus } from './workflows/messages.js';
import { ACCOUNT, EXCHANGE, PAUSED, SEARCH_ATTRIBUTES } from './workflows/search-attributes.js';
import { QUERY_TOO_EARLY } from './workflows/cold-query.js';
import * as validate from './workflows/validate.js';
import type { Checked } from './workflows/validate.js';
import { encryptingConverter } from './runtime/encrypting-converter.js';
import { lastPollOf, noWorkerText, routingOf, workersOf, type TaskQueueWorkers } from './runtime/task-queue-workers.js';
import { NO_TEMPORAL_ADDRESS } from './runtime/temporal-address.js';

export type { Policy } from './domain/policy/policy.js';
export type { Failure, FailureKind } from './domain/failure/failure.js';
export type { DiscrepancyType } from './domain/difference/difference.js';
export type { Outcome, RecordedRun, RunTrigger } from './domain/lifecycle/run.js';
export type { ActRequest, ActWay, Way } from './domain/lifecycle/way.js';
export type { InterventionReason } from './domain/lifecycle/intervention.js';
export type { InterventionStatus, Phase, ReconciliationStatus } from './workflows/messages.js';
export { interventionWorkflowId, reconciliationWorkflowId } from './workflows/messages.js';

/** How long to wait for a worker that is starting, and how often to check. */
const WORKER_START_MS = 5_000;
const POLL_MS = 50;
/** How long a workflow may take to answer before the client stops waiting. */
const ANSWER_MS = 10_000;

/** The default task queue of the worker. */
export const DEFAULT_TASK_QUEUE = 'plumbline';

/** The field of a workflow's memo with the deployment that started it. */
export const DEPLOYMENT_MEMO = 'deployment';

/** The deployment in a memo; null if it has none. */
export function deploymentIn(memo: Readonly<Record<string, unknown>> | undefined): string | null {
  const deployment = memo?.[DEPLOYMENT_MEMO];
  return typeof deployment === 'string' ? deployment : null;
}

/** An account as its workflow knows it: name, exchange and policy. Never a credential. */
export interface Registration {
  account: string;
  /** ccxt's exchange id; for people and filters. */
  exchange: string;
  policy: Policy;
}

export interface ConnectOptions {
  /** host:port of the Temporal server. Default: Temporal's own environment configuration. */
  address?: string;
  namespace?: string;
  /** The task queue that the account's worker polls. */
  taskQueue?: string;
  /**
   * Returns the deployment that this client works for: the id of its ledger. If set, requests for accounts of another
   * deployment in the same namespace are refused. If not set, all accounts are accepted.
   */
  deployment?: () => Promise<string>;
  /** Encrypts and decrypts what Temporal stores. Every process of a deployment needs the same one. */
  codec?: PayloadCodec;
}

/** What a pause or resume changed. Both fields are null if no worker answered and the request waits in Temporal. */
export interface PauseResult {
  changed: boolean | null;
  paused: Pause | null;
}

/**
 * Why a request failed. `invalid`: the request itself. `absent`: no such account runs, or no intervention is open.
 * `refused`: the workflow's state does not allow it. `unavailable`: Temporal, a worker or the setup.
 */
export type ClientErrorReason = 'invalid' | 'absent' | 'refused' | 'unavailable';

/** A request that failed. The message has the request and the answer. */
export class PlumblineError extends Error {
  override readonly name = 'PlumblineError';
  constructor(
    message: string,
    /** What to do, one line. */
    readonly remedy: string,
    options: ErrorOptions & { reason?: ClientErrorReason } = {},
  ) {
    super(message, options);
    this.reason = options.reason ?? 'unavailable';
  }

  readonly reason: ClientErrorReason;
}

/**
 * Controls and reads the reconciliation workflows of a Temporal namespace.
 *
 * @example
 * const plumbline = await PlumblineClient.connect();
 * const run = await plumbline.runNow('main', 'deploy-bot');
 * if (run.outcome !== 'matched') throw new Error('bot and exchange disagree');
 * await plumbline.close();
 */
export class PlumblineClient {
  /**
   * Uses an existing Temporal client; `connect` creates one.
   *
   * @param temporal the Temporal client, which is public for requests that this class does not have
   */
  constructor(
    readonly temporal: Client,
    readonly taskQueue: string = DEFAULT_TASK_QUEUE,
    private readonly deployment: (() => Promise<string>) | null = null,
  ) {}

  /** The deployment that this client works for; null if none was given, or its ledger does not answer. */
  async ownDeployment(): Promise<string | null> {
    return this.deployment === null ? null : this.deployment().catch(() => null);
  }

  private get connection(): ConnectionLike {
    return this.temporal.connection;
  }

  /**
   * Connects with Temporal's environment configuration (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`,
   * `TEMPORAL_TLS_*`, profiles). `options` take precedence.
   *
   * @throws PlumblineError if the server cannot be reached, or its address is not set
   */
  static async connect(options: ConnectOptions = {}): Promise<PlumblineClient> {
    const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
    const address = options.address ?? connectionOptions.address;
    if (address === undefined) throw new PlumblineError(NO_TEMPORAL_ADDRESS.message, NO_TEMPORAL_ADDRESS.remedy);
    try {
      const connection = await Connection.connect({ ...connectionOptions, address, connectTimeout: '5 seconds' });
      const client = new Client({
        connection,
        namespace: options.namespace ?? namespace,
        ...(options.codec !== undefined && { dataConverter: encryptingConverter(options.codec) }),
      });
      return new PlumblineClient(client, options.taskQueue, options.deployment ?? null);
    } catch (error) {
      throw new PlumblineError(
        `The Temporal server at ${address} does not answer: ${messageOf(error)}`,
        'Start it, or set its address with TEMPORAL_ADDRESS (and TEMPORAL_NAMESPACE).',
        { cause: error },
      );
    }
  }

  /**
   * Starts the account's workflow. It makes one run at once, and then runs by its schedule until it is stopped.
   *
   * @throws PlumblineError if it is already running, or the search attributes are not registered
   */
  async start(registration: Registration, by: string, { via }: ActWay = {}): Promise<void> {
    const { account, exchange, policy } = registration;
    this.valid(account, 'start', validate.checkStart(registration));
    const deployment = await this.ownDeployment();
    try {
      await this.temporal.workflow.start<messages.StartReconciliation>('reconciliation', {
        workflowId: messages.reconciliationWorkflowId(account),
        taskQueue: this.taskQueue,
        args: [{ account, exchange, policy }],
        memo: {
          startedBy: by,
          ...(via !== undefined && { startedVia: via }),
          ...(deployment !== null && { [DEPLOYMENT_MEMO]: deployment }),
        },
        typedSearchAttributes: new TypedSearchAttributes([
          { key: ACCOUNT, value: account },
          { key: EXCHANGE, value: exchange },
          { key: PAUSED, value: false },
        ]),
        staticSummary: `Reconciles ${account} on ${exchange}`,
      });
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) {
        throw new PlumblineError(
          `${account} is already being reconciled`,
          'Use `plumbline apply` to change its policy.',
          {
            cause: error,
          },
        );
      }
      if (/search attribute/i.test(messageOf(error))) {
        throw new PlumblineError(
          `The Temporal namespace does not know Plumbline's search attributes: ${messageOf(error)}`,
          'Run `plumbline migrate` once against this namespace.',
          { cause: error },
        );
      }
      throw this.explain(error, account, 'start');
    }
  }

  /** Gives the account a new policy, which applies from its next run. @throws PlumblineError if it is refused */
  async reconfigure(registration: Registration, by: string, way: ActWay = {}): Promise<void> {
    const { account, exchange, policy } = registration;
    const checked = this.valid(account, 'reconfigure', validate.checkReconfigure({ by, exchange, policy, ...way }));
    await this.update(account, messages.reconfigureUpdate, checked);
  }

  /** Ends the account's workflow after the current run. Its records in the ledger stay. */
  async stop(account: string, by: string, way: ActWay = {}): Promise<void> {
    await this.update(account, messages.stopUpdate, this.valid(account, 'stop', validate.checkStop({ by, ...way })));
  }

  /** Skips scheduled runs until `resume`. Forced runs still work. @throws PlumblineError if the request is refused */
  async pause(account: string, request: messages.PauseRequest): Promise<PauseResult> {
    const checked = this.valid(account, 'pause', validate.checkPause(request));
    const { by, reason } = checked;
    const paused = await this.pausedBefore(account, 'pause');
    await this.signal(account, messages.pauseSignal, checked);
    if (paused === undefined) return { changed: null, paused: null };
    return { changed: paused === null, paused: paused ?? { by, reason, since: new Date().toISOString() } };
  }

  /** Ends a pause. If a run was due meanwhile, it starts at once. @throws PlumblineError if the request is refused */
  async resume(account: string, by: string, way: ActWay = {}): Promise<PauseResult> {
    const checked = this.valid(account, 'resume', validate.checkBy({ by, ...way }));
    const paused = await this.pausedBefore(account, 'resume');
    await this.signal(account, messages.resumeSignal, checked);
    return { changed: paused === undefined ? null : paused !== null, paused: null };
  }

  /** Requests a run without waiting for it. All requests during a run lead to one run after it. */
  async forceRun(account: string, by: string, way: ActWay = {}): Promise<void> {
    const checked = this.valid(account, 'forceRun', validate.checkBy({ by, ...way }));
    await this.refuseUnknown(account, 'forceRun');
    await this.signal(account, messages.forceRunSignal, checked);
  }

  /** Requests a run and waits for its result. The run begins after the request. */
  async runNow(account: string, by: string, way: ActWay = {}): Promise<RecordedRun> {
    return this.update(account, messages.runNowUpdate, this.valid(account, 'runNow', validate.checkBy({ by, ...way })));
  }

  async status(account: string): Promise<ReconciliationStatus> {
    await this.refuseUnanswerable(account, 'status');
    try {
      return await this.queryStatus(account);
    } catch (error) {
      throw this.explain(error, account, 'status');
    }
  }

  private async queryStatus(account: string): Promise<ReconciliationStatus> {
    return askAgain(async () => this.handle(account).query(messages.statusQuery), EARLY);
  }

  /**
   * The sorted names of the accounts whose workflow runs on this client's task queue, whichever deployment started them.
   */
  async accounts(): Promise<string[]> {
    const accounts: string[] = [];
    const taskQueue = this.taskQueue.replaceAll("'", "''");
    const query = `WorkflowType = 'reconciliation' AND ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue}'`;
    for await (const { workflowId } of this.temporal.workflow.list({ query })) {
      accounts.push(workflowId.slice(messages.reconciliationWorkflowId('').length));
    }
    return accounts.toSorted();
  }

  /** The account's open intervention, or null. */
  async intervention(account: string): Promise<InterventionStatus | null> {
    const handle = this.temporal.workflow.getHandle(messages.interventionWorkflowId(account));
    try {
      const { status } = await handle.describe();
      return status.name === 'RUNNING' ? await handle.query(messages.interventionStatusQuery) : null;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw this.explain(error, account, 'intervention');
    }
  }

  /**
   * Acknowledges the account's open intervention. Discrepancies stay open until they are resolved.
   *
   * @throws PlumblineError if there is no open intervention, or name or note are missing
   */
  async acknowledge(account: string, request: messages.AcknowledgeRequest): Promise<InterventionStatus> {
    const checked = this.valid(account, 'acknowledge', validate.checkAcknowledge(request));
    return this.answerCall(account, (handle) =>
      handle.executeUpdate(messages.acknowledgeUpdate, { args: [checked], ...updateId(checked) }),
    );
  }

  /**
   * Stops the intervention's reminders until a time. The trading gate stays closed.
   *
   * @throws PlumblineError as `acknowledge`
   */
  async snooze(
    account: string,
    request: { by: string; until: Date; note: string } & ActRequest,
  ): Promise<InterventionStatus> {
    const wanted = { ...request, until: request.until.toISOString() };
    const args: [messages.SnoozeRequest] = [this.valid(account, 'snooze', validate.checkSnooze(wanted, Date.now()))];
    return this.answerCall(account, (handle) =>
      handle.executeUpdate(messages.snoozeUpdate, { args, ...updateId(args[0]) }),
    );
  }

  /** Offers the ledger again the records that it refused permanently. Returns how many are still set aside. */
  async retrySetAside(account: string, by: string): Promise<number> {
    return this.update(
      account,
      messages.retrySetAsideUpdate,
      this.valid(account, 'retrySetAside', validate.checkBy({ by })),
    );
  }

  /** Registers Plumbline's search attributes in the namespace. Idempotent. */
  async registerSearchAttributes(): Promise<{ added: string[] }> {
    const namespace = this.temporal.options.namespace;
    const { operatorService } = this.connection;
    const existing = await operatorService.listSearchAttributes({ namespace });
    const wanted = Object.entries(indexedSearchAttributes());
    const missing = wanted.filter(([name]) => !(name in (existing.customAttributes ?? {})));
    if (missing.length > 0) {
      await operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing) });
    }
    return { added: missing.map(([name]) => name) };
  }

  /** Does `work`. Every call to Temporal in it fails after `milliseconds`. */
  async within<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
    return this.temporal.withDeadline(Date.now() + milliseconds, work);
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private handle(account: string) {
    return this.temporal.workflow.getHandle(messages.reconciliationWorkflowId(account));
  }

  private async signal(account: string, signal: { name: string }, request: unknown): Promise<void> {
    try {
      await this.handle(account).signal(signal.name, request);
    } catch (error) {
      throw this.explain(error, account, signal.name);
    }
  }

  private async update<Result, Args extends [unknown]>(
    account: string,
    update: UpdateDefinition<Result, Args>,
    ...args: Args
  ): Promise<Result> {
    await this.refuseUnanswerable(account, update.name);
    try {
      const ask = async () => this.handle(account).executeUpdate<Result, Args>(update, { args });
      return await askAgain(async () => askAgain(ask, FAILED_TASK), BUSY);
    } catch (error) {
      throw this.explain(error, account, update.name);
    }
  }

  /**
   * The current pause, which shows whether a request changes anything; undefined if no worker answers. Pause and resume are
   * signals, because Temporal keeps signals until a worker comes.
   */
  private async pausedBefore(account: string, asked: string): Promise<Pause | null | undefined> {
    await this.refuseUnknown(account, asked);
    if (!(await this.hasWorker())) return undefined;
    try {
      const answer = this.connection.withDeadline(Date.now() + ANSWER_MS, async () => this.queryStatus(account));
      return (await answer).paused;
    } catch {
      return undefined;
    }
  }

  private valid<T>(account: string, asked: string, checked: Checked<T>): T {
    if (checked.ok) return checked.value;
    throw new PlumblineError(`${account} refuses ${asked}: ${checked.problem}`, 'Correct the request and ask again.', {
      reason: 'invalid',
    });
  }

  private async answerCall(
    account: string,
    answer: (handle: ReturnType<Client['workflow']['getHandle']>) => Promise<InterventionStatus>,
  ): Promise<InterventionStatus> {
    await this.refuseWithoutWorker(account);
    try {
      const handle = this.temporal.workflow.getHandle(messages.interventionWorkflowId(account));
      return await askAgain(async () => answer(handle), FAILED_TASK);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) {
        throw new PlumblineError(`There is no open intervention for ${account}`, 'See `plumbline interventions`.', {
          reason: 'absent',
          cause: error,
        });
      }
      throw this.explain(error, account, 'acknowledge');
    }
  }

  /**
   * Checks account and worker before a request that needs both. The request itself must not find out, because after its
   * deadline a worker that starts later could still carry it out.
   */
  private async refuseUnanswerable(account: string, asked: string): Promise<void> {
    const [, hasWorker] = await Promise.all([this.refuseUnknown(account, asked), this.hasWorker()]);
    if (!hasWorker) await this.refuseWithoutWorker(account);
  }

  /**
   * Queries and updates need a worker; without one they would hang until their deadline. Waits for a worker that is
   * starting.
   */
  private async refuseWithoutWorker(account: string): Promise<void> {
    const deadline = Date.now() + WORKER_START_MS;
    while (!(await this.hasWorker())) {
      if (Date.now() > deadline) {
        const { text, remedy } = noWorkerText(this.taskQueue, routingOf(await this.workers(), Date.now()));
        throw new PlumblineError(
          `Nothing can answer for ${account}: ${text}`,
          `${remedy}; Temporal keeps the workflow`,
        );
      }
      await delay(POLL_MS);
    }
  }

  /** Who polls the task queue, and whether Temporal gives them work. @throws PlumblineError if Temporal does not answer */
  async workers(): Promise<TaskQueueWorkers> {
    const { namespace } = this.temporal.options;
    const { taskQueue } = this;
    try {
      return await workersOf(this.connection.workflowService, { namespace, taskQueue });
    } catch (error) {
      throw new PlumblineError(
        `Temporal does not say who polls the task queue "${taskQueue}" of the namespace "${namespace}": ${messageOf(error)}`,
        'Check the Temporal server, the namespace and its permissions, and ask again.',
        { cause: error },
      );
    }
  }

  private async hasWorker(): Promise<boolean> {
    return lastPollOf(await this.workers()) !== null;
  }

  /** Throws if the account does not run, or belongs to another deployment. Needs no worker. */
  private async refuseUnknown(account: string, asked: string): Promise<void> {
    let startedBy: string | null;
    try {
      const { status, memo } = await this.handle(account).describe();
      if (status.name !== 'RUNNING') throw new WorkflowNotFoundError(status.name, account, undefined);
      startedBy = deploymentIn(memo);
    } catch (error) {
      throw this.explain(error, account, asked);
    }
    const own = startedBy === null ? null : await this.ownDeployment();
    if (own !== null && startedBy !== own) {
      throw new PlumblineError(
        `${account} is reconciled by another deployment in this Temporal namespace (${startedBy}; asked for ${asked})`,
        'Use the configuration of that deployment, or give each deployment its own namespace (TEMPORAL_NAMESPACE).',
      );
    }
  }

  private explain(error: unknown, account: string, asked: string): PlumblineError {
    if (error instanceof WorkflowNotFoundError) {
      return new PlumblineError(
        `${account} is not being reconciled (asked for ${asked})`,
        'Start it with `plumbline apply -f plumbline.yaml`; `plumbline status` lists the accounts.',
        { reason: 'absent', cause: error },
      );
    }
    if (error instanceof WorkflowUpdateFailedError) {
      return new PlumblineError(
        `${account} refused ${asked}: ${messageOf(error.cause ?? error)}`,
        'Fix the request and ask again.',
        { reason: 'refused', cause: error },
      );
    }
    return new PlumblineError(
      `${asked} for ${account} failed: ${messageOf(error)}`,
      FAILED_TASK.isThis(error)
        ? `Its workflow makes no progress: \`plumbline repair ${account}\` shows what is needed.`
        : 'Check the Temporal server and ask again.',
      { cause: error },
    );
  }
}

/** An update with a known id is carried out once, although it may be sent again. */
function updateId({ requestId }: ActRequest): { updateId?: string } {
  return requestId === undefined ? {} : { updateId: requestId };
}

/** A temporary refusal, and how often and when to ask again. */
interface Refusal {
  isThis: (error: unknown) => boolean;
  attempts: number;
  pauseMs: number;
}

/** The workflow is about to continue as new. */
const BUSY: Refusal = {
  isThis: (error) => {
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : null;
    return cause instanceof ApplicationFailure && cause.type === messages.BUSY;
  },
  attempts: 30,
  pauseMs: 1_000,
};
/**
 * The last workflow task failed, for example because the worker that had it was of a version that is not current any more.
 * Temporal refuses an update before it begins, until the next task succeeds.
 */
const FAILED_TASK: Refusal = {
  isThis: (error) =>
    // What a workflow itself answers may have any text.
    !(error instanceof WorkflowUpdateFailedError) && messageOf(error).includes('Workflow Task in failed state'),
  attempts: 4,
  pauseMs: 1_500,
};
/** The worker got the query with events that no workflow task has handled yet. */
const EARLY: Refusal = {
  isThis: (error) => messageOf(error).includes(QUERY_TOO_EARLY),
  attempts: 20,
  pauseMs: 250,
};

async function askAgain<T>(ask: () => Promise<T>, { isThis, attempts, pauseMs }: Refusal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!isThis(error) || attempt === attempts) throw error;
      await delay(pauseMs);
    }
  }
}

// The package is CommonJS, so Node cannot import names from it.
const { IndexedValueType } = proto.temporal.api.enums.v1;
const INDEXED_TYPES = {
  [SearchAttributeType.KEYWORD]: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  [SearchAttributeType.INT]: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  [SearchAttributeType.BOOL]: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
  [SearchAttributeType.DOUBLE]: IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
  [SearchAttributeType.TEXT]: IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
  [SearchAttributeType.DATETIME]: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
  [SearchAttributeType.KEYWORD_LIST]: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
};

/** Plumbline's search attributes with the types of the server's operator API. */
export function indexedSearchAttributes(): Record<string, temporal.api.enums.v1.IndexedValueType> {
  return Object.fromEntries(SEARCH_ATTRIBUTES.map(({ name, type }) => [name, INDEXED_TYPES[type]]));
}

/** The message of an error with its causes, because gRPC puts the useful text into the cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const details = isGrpcServiceError(error) ? error.details : error.message;
  return error.cause === undefined ? details : `${details}: ${messageOf(error.cause)}`;
}
