import { ApplicationFailure, condition, setHandler, workflowInfo } from '@temporalio/workflow';
import type { RunTrigger } from '../domain/lifecycle/run.js';
import { DEFAULT_POLICY } from '../domain/policy/policy.js';
import type { Account } from './account.js';
import { keepAnswered } from './answered-call.js';
import * as messages from './messages.js';
import type { PauseAnswer } from './messages.js';
import * as validate from './validate.js';
import type { Checked } from './validate.js';

/**
 * Sets the handlers of one account's workflow. Must be called before the first await, because Temporal rejects an update
 * without a handler.
 *
 * A signal handler accepts any payload; an invalid one is refused, recorded and shown. A refused update tells its caller
 * why. Handlers throw nothing but ApplicationFailure, because any other error would stop the workflow.
 */
export function setHandlers(account: Account): void {
  setHandler(messages.statusQuery, () => account.status(), {
    description: 'What the account does and what it found. No payload',
  });
  setSignals(account);
  setUpdates(account);
}

function setSignals(account: Account): void {
  onSignal('pause', validate.checkPause, {
    take: ({ by, reason, ...way }) => {
      const { paused } = account.state;
      if (account.pause(by, reason, way)) return;
      account.refuse('pause', by, `it is paused already, by ${paused?.by ?? '?'} since ${paused?.since ?? '?'}`);
    },
    description: 'Skips scheduled runs until resume. Payload: {"by": "ada", "reason": "maintenance"}',
  });
  onSignal('resume', validate.checkBy, {
    take: ({ by, ...way }) => {
      if (!account.resume(by, way)) account.refuse('resume', by, 'it is not paused');
    },
    description: 'Ends a pause. Payload: {"by": "ada"}',
  });
  onSignal('forceRun', validate.checkBy, {
    take: ({ by, ...way }) => account.force('forced', by, way),
    description: 'Runs as soon as possible, also while paused. Payload: {"by": "ada"}',
  });
  setHandler(messages.interventionOpenedSignal, () => interventionSays('opened'), {
    description: `Sent by the account's intervention. Not for people. ${INTERVENTION_PAYLOAD}`,
  });
  setHandler(
    messages.interventionClosedSignal,
    (payload: unknown) => {
      keepAnswered(account, payload);
      interventionSays('closed');
    },
    {
      description: `Sent by the account's intervention. Not for people: use acknowledge there. ${INTERVENTION_PAYLOAD}`,
    },
  );

  function interventionSays(what: 'opened' | 'closed'): void {
    account.state.interventionSaid = what;
    account.publish();
  }

  function onSignal<T>(
    name: 'pause' | 'resume' | 'forceRun',
    check: (payload: unknown) => Checked<T>,
    { take, description }: { take: (request: T) => void; description: string },
  ): void {
    const definition = {
      pause: messages.pauseSignal,
      resume: messages.resumeSignal,
      forceRun: messages.forceRunSignal,
    };
    setHandler(
      definition[name],
      (payload: unknown) => {
        const checked = check(payload);
        if (checked.ok) take(checked.value);
        else account.refuse(name, validate.senderOf(payload), checked.problem);
      },
      { description },
    );
  }
}

function setUpdates(account: Account): void {
  setHandler(
    messages.pauseUpdate,
    (payload): PauseAnswer => {
      const { by, reason, ...way } = valueOf(validate.checkPause(payload));
      const changed = account.pause(by, reason, way);
      return { changed, paused: account.state.paused };
    },
    options(
      'pause',
      validate.checkPause,
      'As the signal, with an answer. Payload: {"by": "ada", "reason": "maintenance"}',
    ),
  );
  setHandler(
    messages.resumeUpdate,
    (payload): PauseAnswer => {
      const { by, ...way } = valueOf(validate.checkBy(payload));
      const changed = account.resume(by, way);
      return { changed, paused: account.state.paused };
    },
    options('resume', validate.checkBy, 'As the signal, with an answer. Payload: {"by": "ada"}'),
  );
  setHandler(
    messages.runNowUpdate,
    async (payload) => {
      // A run in progress began before this request, so the answer is the run after it.
      const wanted = account.begun + 1;
      const { by, ...way } = valueOf(validate.checkBy(payload));
      account.force('run_now' satisfies RunTrigger, by, way);
      await condition(() => account.finished.has(wanted) || account.stopped);
      const run = account.finished.get(wanted);
      if (run !== undefined) return run;
      throw ApplicationFailure.nonRetryable(`${account.name} was stopped before the run began`, 'Stopped');
    },
    options('runNow', validate.checkBy, 'Runs now and answers with the verdict. Payload: {"by": "ada"}'),
  );
  setHandler(
    messages.reconfigureUpdate,
    (payload) => {
      const { by, exchange, policy, ...way } = valueOf(validate.checkReconfigure(payload));
      account.reconfigure(by, exchange, policy, way);
    },
    options(
      'reconfigure',
      validate.checkReconfigure,
      `New rules from the next run on. Use \`plumbline apply\`, which fills in the whole policy. Payload: ${RECONFIGURE_EXAMPLE}`,
    ),
  );
  setHandler(
    messages.stopUpdate,
    async (payload) => {
      const { by, ...way } = valueOf(validate.checkStop(payload));
      if (account.stopRequestedBy === null) account.stopWay = way;
      account.stopRequestedBy ??= by;
      await condition(() => account.stopped);
    },
    {
      validator: (...payloads: unknown[]) => {
        requireOne(payloads);
        valueOf(validate.checkStop(payloads[0]));
      },
      description: 'Ends the watch of this account. Payload: {"by": "ada"}',
    },
  );
  setHandler(
    messages.retrySetAsideUpdate,
    async () => {
      account.retryRequested = true;
      // Bounded, because a workflow does not flush while it waits for its handlers before continue-as-new.
      await condition(() => (!account.retryRequested && account.outbox.size === 0) || account.stopped, RETRY_ANSWER_MS);
      return account.state.setAside.length;
    },
    options(
      'retrySetAside',
      validate.checkBy,
      'Offers the ledger again what it refused for good. Payload: {"by": "ada"}',
    ),
  );

  /** Refuses updates that wait for an answer if the history is long, because they delay continue-as-new. */
  function refuseWhenLong(what: string): void {
    const { historyLength } = workflowInfo();
    if (historyLength < LONG_HISTORY_EVENTS) return;
    const message = `${what} came while ${account.name} begins a new history (${historyLength} events): ask again in some seconds`;
    throw ApplicationFailure.nonRetryable(message, messages.BUSY);
  }

  function options<T>(what: string, check: (payload: unknown) => Checked<T>, description: string) {
    const validator = (...payloads: unknown[]): void => {
      refuseWhenStopping(what);
      if (WAITING.has(what)) refuseWhenLong(what);
      requireOne(payloads);
      valueOf(check(payloads[0]));
    };
    return { validator, description };
  }

  function refuseWhenStopping(what: string): void {
    if (account.stopRequestedBy === null) return;
    const message = `${what} came too late: ${account.stopRequestedBy} stopped ${account.name}`;
    throw ApplicationFailure.nonRetryable(message, 'Stopped');
  }
}

const INTERVENTION_PAYLOAD = 'Payload: {"interventionId": "e2f7bd5e-0000-4000-8000-000000000000"}';
/** A policy has all of its fields. */
const RECONFIGURE_EXAMPLE = JSON.stringify({ by: 'ada', exchange: 'binanceusdm', policy: DEFAULT_POLICY });
const RETRY_ANSWER_MS = 60_000;
/** The updates whose callers wait for an answer. */
const WAITING: ReadonlySet<string> = new Set(['runNow', 'retrySetAside']);
/**
 * Above the length at which Temporal suggests continue-as-new (4,096 events), and far below the length at which it ends a
 * workflow (51,200).
 */
const LONG_HISTORY_EVENTS = 10_000;

function requireOne(payloads: readonly unknown[]): void {
  const problem = validate.payloadsProblem(payloads);
  if (problem !== null) throw ApplicationFailure.nonRetryable(problem, 'Refused');
}

/** @throws ApplicationFailure with the reason why the request is refused */
function valueOf<T>(checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  throw ApplicationFailure.nonRetryable(checked.problem, 'Refused');
}
