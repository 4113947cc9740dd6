import { jest } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import * as common from '@temporalio/common';
import type { Activities } from '../../../src/activities/activities.js';

/** What an execution was continued with. */
export class ContinuedAsNew extends Error {
  constructor(readonly input: Record<string, unknown>) {
    super('continued as new');
  }
}

interface Timer {
  at: number;
  fire: () => void;
}

/**
 * One workflow execution in this process, for moments that no server can be made to meet: a clock that is behind its
 * timers, a signal between two steps, a history of 20,000 events. It takes the place of the SDK's module, so a test imports
 * the workflow after `installed()`.
 */
export class WorkflowInProcess {
  nowMs = Date.parse('2026-11-22T00:00:00Z');
  /** The SDK's clock may stay at an earlier task's time. */
  isClockStale = false;
  readonly info = {
    workflowId: 'reconciliation/main',
    runId: 'run-1',
    firstExecutionRunId: 'run-1',
    memo: { startedBy: 'test' },
    continuedFromExecutionRunId: undefined as string | undefined,
    continueAsNewSuggested: false,
    historyLength: 10,
  };
  activities: { [Name in keyof Activities]?: (request: never) => unknown } = {};
  /** Signals to other workflows: `held` delays them until it is resolved. */
  held: Promise<void> = Promise.resolve();
  readonly signalled: { workflowId: string; signal: string }[] = [];
  readonly children: { workflowId: string; options: Record<string, unknown> }[] = [];
  /** Milliseconds of every timer that was started. */
  readonly timersStarted: number[] = [];
  /** Updates that were not answered when the execution was continued as new: their callers get none. */
  unanswered: number | null = null;
  /** What each handler says of itself, by kind and name. */
  readonly descriptions = new Map<string, string>();
  private readonly handlers = new Map<string, (payload?: unknown) => unknown>();
  private readonly validators = new Map<string, (payload: unknown) => void>();
  private updatesUnderWay = 0;
  private conditions: { holds: () => boolean; resolve: () => void }[] = [];
  private timers: Timer[] = [];

  /** Makes the SDK's module this execution, and the clock its clock. */
  installed(): this {
    jest.unstable_mockModule('@temporalio/workflow', () => this.module());
    jest.spyOn(Date, 'now').mockImplementation(() => this.nowMs);
    return this;
  }

  /** Sets the time before anything has begun. */
  startAt(ms: number): void {
    this.moveTo(ms);
  }

  signal(name: string, payload?: unknown): void {
    void this.handlers.get(`signal ${name}`)?.(payload);
  }

  query(name: string): unknown {
    return this.handlers.get(`query ${name}`)?.();
  }

  async update<T>(name: string, payload: unknown): Promise<T> {
    // What a validator refuses is no handler under way.
    this.validators.get(name)?.(payload);
    this.updatesUnderWay++;
    try {
      return (await this.handlers.get(`update ${name}`)?.(payload)) as T;
    } finally {
      this.updatesUnderWay--;
    }
  }

  /** Lets everything happen that waits for no timer. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet++) {
      await setImmediate();
      for (const each of this.conditions.filter(({ holds }) => holds())) {
        quiet = 0;
        this.conditions = this.conditions.filter((other) => other !== each);
        each.resolve();
        await setImmediate();
      }
    }
  }

  /** Fires the timers of this time, each at its own. */
  async advance(ms: number): Promise<void> {
    const until = this.timeMs + ms;
    for (;;) {
      const [next] = this.timers.toSorted((a, b) => a.at - b.at);
      if (next === undefined || next.at > until) break;
      this.moveTo(next.at);
      this.timers = this.timers.filter((each) => each !== next);
      next.fire();
      await this.settle();
    }
    this.moveTo(until);
    await this.settle();
  }

  /** The time that has passed, whatever the workflow's clock says. */
  private timeMs = this.nowMs;

  private moveTo(ms: number): void {
    this.timeMs = ms;
    if (!this.isClockStale) this.nowMs = ms;
  }

  private start(ms: number, fire: () => void): Timer {
    this.timersStarted.push(ms);
    const timer = { at: this.timeMs + ms, fire };
    this.timers.push(timer);
    return timer;
  }

  private stop(timer: Timer): void {
    this.timers = this.timers.filter((each) => each !== timer);
  }

  private async condition(holds: () => boolean, ms?: number): Promise<boolean> {
    if (holds()) return true;
    return new Promise((resolve) => {
      const timer =
        ms === undefined
          ? null
          : this.start(ms, () => {
              this.conditions = this.conditions.filter((each) => each !== waiting);
              resolve(false);
            });
      const waiting = {
        holds,
        resolve: () => {
          if (timer !== null) this.stop(timer);
          resolve(true);
        },
      };
      this.conditions.push(waiting);
    });
  }

  /** An observation by the scripts of its parts. */
  private readonly observe = async (request: never): Promise<unknown> => {
    const { fetchExchangeState, fetchInternalState, judge } = this.activities;
    await Promise.all([fetchExchangeState?.(request), fetchInternalState?.(request)]);
    return judge?.(request);
  };

  private module() {
    let scope: { cancel: () => void } | null = null;
    const enter = (entered: typeof scope): void => {
      scope = entered;
    };
    const proxy = (): unknown =>
      new Proxy(
        {},
        {
          get: (_, name: keyof Activities) => {
            const call = async (...args: never[]): Promise<unknown> => {
              const activity = this.activities[name] ?? (name === 'observe' ? this.observe : undefined);
              if (activity === undefined) throw new Error(`no script for ${name}`);
              return activity(args[0] as never);
            };
            return Object.assign(call, {
              executeWithOptions: async (_options: unknown, args: never[]) => call(...args),
            });
          },
        },
      );
    const definition = (kind: string) => (name: string) => ({ kind, name });
    return {
      ...common,
      ActivityCancellationType: { TRY_CANCEL: 'TRY_CANCEL' },
      ParentClosePolicy: { ABANDON: 'ABANDON' },
      workflowInfo: () => this.info,
      patched: () => true,
      uuid4: () => 'a-new-id',
      log: { debug() {}, info() {}, warn() {}, error() {} },
      isCancellation: (error: unknown) => error instanceof common.CancelledFailure,
      setCurrentDetails() {},
      upsertSearchAttributes() {},
      defineQuery: definition('query'),
      defineSignal: definition('signal'),
      defineUpdate: definition('update'),
      setHandler: (
        { kind, name }: { kind: string; name: string },
        handler: (payload?: unknown) => unknown,
        { validator, description = '' }: { validator?: (payload: unknown) => void; description?: string } = {},
      ) => {
        this.handlers.set(`${kind} ${name}`, handler);
        this.descriptions.set(`${kind} ${name}`, description);
        if (validator !== undefined) this.validators.set(name, validator);
      },
      proxyActivities: proxy,
      proxyLocalActivities: proxy,
      allHandlersFinished: () => this.updatesUnderWay === 0,
      condition: async (holds: () => boolean, ms?: number) => this.condition(holds, ms),
      sleep: async (ms: number) => {
        const within = scope;
        await new Promise<void>((resolve, reject) => {
          const timer = this.start(ms, resolve);
          if (within === null) return;
          within.cancel = () => {
            this.stop(timer);
            reject(new common.CancelledFailure('cancelled'));
          };
        });
      },
      CancellationScope: class {
        static async nonCancellable<T>(work: () => Promise<T>): Promise<T> {
          return work();
        }
        cancel: () => void = () => {};
        async run<T>(work: () => Promise<T>): Promise<T> {
          enter(this);
          const running = work();
          enter(null);
          return running;
        }
      },
      makeContinueAsNewFunc: () => async (input: Record<string, unknown>) => {
        this.unanswered = this.updatesUnderWay;
        throw new ContinuedAsNew(structuredClone(input));
      },
      getExternalWorkflowHandle: (workflowId: string) => ({
        signal: async ({ name }: { name: string }) => {
          this.signalled.push({ workflowId, signal: name });
          await this.held;
        },
      }),
      startChild: async (_: unknown, options: { workflowId: string }) => {
        this.children.push({ workflowId: options.workflowId, options });
      },
    };
  }
}
