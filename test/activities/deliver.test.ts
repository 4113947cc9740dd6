import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../../src/activities/activities.js';
import type { DeliverAnswer } from '../../src/activities/activity-messages.js';
import type { DeliverRequest } from '../../src/domain/lifecycle/deliver-request.js';
import { notificationId } from '../../src/activities/deliver.js';
import { plainMessage } from '../../src/activities/plain-message.js';
import { FailureError, type Failure } from '../../src/domain/failure/failure.js';
import type { Ledger } from '../../src/ledger/contract/ledger.js';
import { messageKeyOf } from '../../src/ledger/contract/message-key.js';
import type { NotificationBatch, WantedNotification } from '../../src/ledger/contract/notifications.js';
import type { Channel, Message } from '../../src/notify/channel.js';

const REQUEST: DeliverRequest = {
  account: 'main',
  exchange: 'binanceusdm',
  interventionId: 'e2f7bd5e-0000-4000-8000-000000000000',
  channel: 'chat',
  occasion: 'called',
  number: 1,
  severity: 'page',
  openedAt: '2026-11-22T15:00:00.000Z',
  reasons: [{ action: 'POSITION_OPENED_EXTERNALLY', text: 'BTC long 0.5', at: '2026-11-22T15:00:00.000Z' }],
};
const KEY = messageKeyOf([notificationId(REQUEST)]);

const failureOf = (changes: Partial<Failure>): FailureError =>
  new FailureError({
    kind: 'network',
    side: 'channel',
    message: 'no hunter2',
    where: null,
    remedy: 'wait',
    retryAfterMs: null,
    ...changes,
  });

interface Scene {
  /** What the channel does with a message; default: takes it. */
  deliver?: Channel['deliver'];
  ledger?: Partial<Record<keyof Ledger, (...args: never[]) => unknown>>;
  compose?: () => Promise<Message>;
  at?: string;
  attempt?: number;
  now?: () => number;
}

/** Runs one attempt. `asked`: what the ledger and the channel were asked, in order. */
async function attempt(request: DeliverRequest, scene: Scene = {}) {
  const asked: string[] = [];
  const sent: Message[] = [];
  const failures: Failure[] = [];
  const ledger = {
    acknowledgedBy: async () => null,
    wantNotification: async (wanted: WantedNotification) => ({
      kind: 'send',
      batch: { key: messageKeyOf([wanted.id]), members: [wanted], previousThread: 'first' },
    }),
    recordDelivery: async () => undefined,
    recordDeliveryFailure: async (_batch: NotificationBatch, failure: Failure) => void failures.push(failure),
    ...scene.ledger,
  };
  const activities = createActivities({
    ledger: new Proxy(ledger, {
      get:
        (target, name: keyof typeof ledger) =>
        async (...args: never[]) => {
          asked.push(name);
          return (target[name] as (...given: never[]) => unknown)(...args);
        },
    }) as unknown as Ledger,
    sides: () => {
      throw new Error('not asked');
    },
    notify: async () => undefined,
    channel: (name) =>
      name === 'chat'
        ? {
            name,
            kind: 'test',
            async deliver(message, options) {
              asked.push('channel');
              sent.push(message);
              return scene.deliver?.(message, options) ?? { id: 'm-1', thread: 't-1' };
            },
          }
        : undefined,
    compose: scene.compose ?? (async (batch) => plainMessage(batch, String)),
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    observe: () => {},
    now: scene.now ?? Date.now,
  });
  const environment = new MockActivityEnvironment({
    workflowExecution: { workflowId: 'manual-intervention/main', runId: 'any' },
    attempt: scene.attempt ?? 1,
    ...(scene.at === undefined ? {} : { currentAttemptScheduledTimestampMs: Date.parse(scene.at) }),
  });
  const answer = await environment.run(async (): Promise<DeliverAnswer | Error> =>
    activities.deliver(request).catch((error: Error) => error),
  );
  return { answer, asked, sent, failures };
}

describe('a message', () => {
  it('is sent with its key in the thread of its call, and its receipt is recorded', async () => {
    let thread: string | null = null;
    const { answer, asked, sent } = await attempt(REQUEST, {
      deliver: async (_, { previousThread }) => {
        thread = previousThread;
        return { id: 'm-1', thread: 't-1' };
      },
    });
    expect(answer).toEqual({ kind: 'delivered' });
    expect(asked).toEqual(['acknowledgedBy', 'wantNotification', 'channel', 'recordDelivery']);
    expect(sent).toMatchObject([{ key: KEY, thread: REQUEST.interventionId, occasion: 'called', severity: 'page' }]);
    expect(thread).toBe('first');
  });

  it('has an id of its own for each message, and the same for each attempt', () => {
    const ids = [
      notificationId(REQUEST),
      notificationId({ ...REQUEST, channel: 'phone' }),
      notificationId({ ...REQUEST, occasion: 'reminder' }),
      notificationId({ ...REQUEST, occasion: 'reminder', number: 2 }),
      notificationId({ ...REQUEST, interventionId: 'x'.repeat(200) }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id.length <= 200)).toBe(true);
    expect(notificationId({ ...REQUEST, severity: 'notify', reasons: [] })).toBe(ids[0]);
  });

  it('of a group waits for a ledger that is slow, and is sent alone if it stays away', async () => {
    const cause = 'failure:exchange:binanceusdm:exchange_down';
    const grouped = { ...REQUEST, reasons: REQUEST.reasons.map((reason) => ({ ...reason, sharedCause: cause })) };
    let asked = 0;
    const slow = async (one: WantedNotification) => {
      asked += 1;
      if (asked < 3) throw new Error('timeout exceeded when trying to connect');
      return {
        kind: 'send',
        batch: { key: 'of-forty', members: [one, { ...one, account: 'other' }], previousThread: null },
      };
    };
    const { sent } = await attempt(grouped, { ledger: { wantNotification: slow } });
    expect(sent).toMatchObject([{ key: 'of-forty', accounts: ['main', 'other'] }]);
    const away = async () => Promise.reject(new Error('connection refused'));
    const alone = await attempt(grouped, { ledger: { wantNotification: away } });
    expect(alone.sent).toMatchObject([{ key: KEY }]);
  }, 20_000);

  it('of many accounts returns to the workflow in a bounded size if its receipt is not recorded', async () => {
    const reasons = Array.from({ length: 20 }, () => ({ ...REQUEST.reasons[0], text: 'x'.repeat(2_000) }));
    const members = Array.from({ length: 200 }, (_, n) => ({ ...REQUEST, id: `${n}`, reasons, group: 'cause' }));
    const { answer } = await attempt(REQUEST, {
      ledger: {
        wantNotification: async () => ({
          kind: 'send',
          batch: { key: 'of-many', members, previousThread: null, attempt: 1 },
        }),
        recordDelivery: async () => Promise.reject(new Error('away')),
      },
    });
    // Temporal refuses an answer of 2 MB, and then the message would count as lost.
    expect(JSON.stringify(answer).length).toBeLessThan(200_000);
    expect(answer).toMatchObject({ kind: 'delivered', unrecorded: { batch: { key: 'of-many' } } });
    expect(answer).toHaveProperty('unrecorded.batch.members.length', 200);
  });

  it('is sent alone and with the same key if the ledger is away, and its receipt goes back to the workflow', async () => {
    const away = async (): Promise<never> => Promise.reject(new Error('connection refused'));
    const all = { acknowledgedBy: away, wantNotification: away, recordDelivery: away, recordDeliveryFailure: away };
    const { answer, sent } = await attempt(REQUEST, { ledger: all });
    expect(sent).toMatchObject([{ key: KEY }]);
    expect(answer).toMatchObject({
      kind: 'delivered',
      unrecorded: {
        batch: { key: KEY, members: [{ id: notificationId(REQUEST) }] },
        receipt: { id: 'm-1', thread: 't-1' },
      },
    });
  });

  it('does not wait for a ledger that hangs', async () => {
    const hang = async (): Promise<never> => new Promise(() => {});
    const started = Date.now();
    const { sent } = await attempt(REQUEST, { ledger: { acknowledgedBy: hang, wantNotification: hang } });
    expect(sent).toHaveLength(1);
    expect(Date.now() - started).toBeLessThan(10_000);
  }, 20_000);

  it('is not sent if somebody has acknowledged meanwhile, unless it is news', async () => {
    const ledger = { acknowledgedBy: async () => 'bob' };
    const called = await attempt(REQUEST, { ledger });
    expect([called.answer, called.sent]).toEqual([{ kind: 'acknowledged', by: 'bob' }, []]);
    const answer = { by: 'bob', note: 'done' };
    const news = await attempt({ ...REQUEST, occasion: 'acknowledged', answer }, { ledger });
    expect([news.answer, news.sent.length]).toEqual([{ kind: 'delivered' }, 1]);
  });

  it('is held back in its quiet hours, by the clock of the server', async () => {
    const quietHours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
    const night = await attempt({ ...REQUEST, quietHours }, { at: '2026-11-22T23:00:00Z' });
    expect([night.answer, night.sent]).toEqual([{ kind: 'quiet', until: '2026-11-23T06:00:00.000Z' }, []]);
    const day = await attempt({ ...REQUEST, quietHours }, { at: '2026-11-23T06:00:00Z' });
    expect(day.sent).toHaveLength(1);
  });

  it('waits for others with the same cause, and is not sent again if it was sent with them', async () => {
    const answers = [{ kind: 'wait', waitMs: 5 }, { kind: 'wait', waitMs: 5 }, { kind: 'delivered' }];
    const wanted: WantedNotification[] = [];
    const [reason] = REQUEST.reasons;
    const sharedCause = 'failure:exchange:binanceusdm:exchange_down';
    const reasons = reason === undefined ? [] : [{ ...reason, sharedCause }];
    const { answer, sent } = await attempt(
      { ...REQUEST, reasons },
      {
        ledger: {
          wantNotification: async (each: WantedNotification) => {
            wanted.push(each);
            return answers.shift();
          },
        },
      },
    );
    expect([answer, sent]).toEqual([{ kind: 'delivered' }, []]);
    expect(wanted.map(({ group }) => group)).toEqual([sharedCause, sharedCause, sharedCause]);
  });

  it('is plain if it cannot be composed', async () => {
    const { sent } = await attempt(
      { ...REQUEST, reasons: [{ action: 'X', text: 'BTC hunter2', at: REQUEST.openedAt }] },
      { compose: async () => Promise.reject(new Error('a bug')) },
    );
    expect(sent).toMatchObject([{ key: KEY, subject: 'A human is needed: main' }]);
    expect(sent[0]?.text).toContain('main on binanceusdm: BTC [redacted]');
  });
});

describe('a failure', () => {
  it.each([
    ['of the network is tried again, later and later', failureOf({}), 4, 8_000],
    ['with Retry-After is tried again after it', failureOf({ kind: 'rate_limited', retryAfterMs: 42_000 }), 1, 42_000],
    ['never waits over five minutes', failureOf({ kind: 'rate_limited', retryAfterMs: 86_400_000 }), 1, 300_000],
  ])('%s', async (_, error, count, delayMs) => {
    const { answer, failures } = await attempt(REQUEST, {
      deliver: async () => Promise.reject(error),
      attempt: count,
    });
    expect(answer).toBeInstanceOf(ApplicationFailure);
    expect(answer).toMatchObject({ nonRetryable: false, nextRetryDelay: delayMs });
    expect((answer as Error).message).toBe(`${error.failure.kind}: no [redacted]`);
    expect(failures).toMatchObject([{ kind: error.failure.kind, message: 'no [redacted]' }]);
  });

  it.each([
    ['of the token', failureOf({ kind: 'authentication' }), 'authentication: no [redacted]'],
    ['of the channel itself', new TypeError('hunter2 of undefined'), 'bug: TypeError: [redacted] of undefined'],
  ])('%s is returned', async (_, error, reason) => {
    const { answer, failures } = await attempt(REQUEST, { deliver: async () => Promise.reject(error) });
    expect(answer).toEqual({ kind: 'failed', reason });
    expect(failures).toHaveLength(1);
  });

  it('is returned for a channel that the worker does not know', async () => {
    const { answer, failures } = await attempt({ ...REQUEST, channel: 'pager' });
    const message = "the worker's configuration has no channel pager";
    expect(answer).toEqual({ kind: 'failed', reason: `configuration: ${message}` });
    // In the ledger, so that people see it and the trading gate closes if no other channel takes the call.
    expect(failures).toMatchObject([{ kind: 'configuration', where: 'notify.channels', message }]);
  });

  it('is returned for a channel that the worker does not know, without the ledger too', async () => {
    const away = async () => Promise.reject(new Error('away'));
    const { answer } = await attempt(
      { ...REQUEST, channel: 'pager' },
      { ledger: { wantNotification: away, recordDeliveryFailure: away } },
    );
    expect(answer).toMatchObject({ kind: 'failed' });
  });

  it('does not occur if the worker ends', async () => {
    const environment = new MockActivityEnvironment({
      workflowExecution: { workflowId: 'manual-intervention/main', runId: 'any' },
    });
    const failures: unknown[] = [];
    const activities = createActivities({
      ledger: {
        acknowledgedBy: async () => null,
        wantNotification: async () => Promise.reject(new Error('away')),
        recordDeliveryFailure: async (_: unknown, failure: unknown) => void failures.push(failure),
      } as unknown as Ledger,
      sides: () => {
        throw new Error('not asked');
      },
      notify: async () => undefined,
      channel: (name) => ({
        name,
        kind: 'test',
        deliver: async (_, { signal }) => {
          environment.cancel('WORKER_SHUTDOWN');
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
          });
        },
      }),
      compose: async (batch) => plainMessage(batch, String),
      redact: String,
      observe: () => {},
      now: Date.now,
    });
    const answer = await environment.run(async () => activities.deliver(REQUEST).catch((error: unknown) => error));
    expect(answer).toBeInstanceOf(CancelledFailure);
    expect(failures).toEqual([]);
  });
});
