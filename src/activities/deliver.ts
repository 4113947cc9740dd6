import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { activityInfo } from '@temporalio/activity';
import { boundedFailure } from '../domain/lifecycle/bounded.js';
import { FailureError, isRetryable, type Failure } from '../domain/failure/failure.js';
import { isCall } from '../domain/lifecycle/ladder-state.js';
import { quietUntil } from '../domain/lifecycle/quiet-hours.js';
import { messageKeyOf } from '../ledger/contract/message-key.js';
import type { NotificationBatch, WantedNotification } from '../ledger/contract/notifications.js';
import type { Channel, Message, Receipt } from '../notify/channel.js';
import type { DeliverAnswer } from './activity-messages.js';
import type { DeliverRequest } from '../domain/lifecycle/deliver-request.js';
import type { ActivityDependencies } from './dependencies.js';
import { plainMessage } from './plain-message.js';
import { runAttempt } from './run-attempt.js';

type Dependencies = Pick<ActivityDependencies, 'ledger' | 'channel' | 'compose' | 'redact' | 'observe' | 'now'>;

/** How long the ledger may take for one answer. A message must not wait for a database. */
const LEDGER_MS = 3_000;
/** How long a channel may take for one message. */
const CHANNEL_MS = 45_000;
/** How long one attempt waits for the other messages of its group. Together with the rest it must fit into the attempt's 2 minutes. */
const GROUP_MS = 45_000;
/** How often the ledger may fail to answer before a message of a group is sent alone. */
const MAX_UNANSWERED = 3;
const ASK_AGAIN_MS = 1_000;
/** The longest wait that a service may ask for before the next attempt. */
const MAX_RETRY_AFTER_MS = 300_000;
const MAX_ID = 200;

/**
 * Delivers one message of an intervention on one channel, at least once: if a receipt is lost, the message is sent again with
 * the same key. A call is not sent if somebody has acknowledged it.
 *
 * The ledger joins messages with a shared cause and keeps the receipts. If the ledger does not answer, the message is sent
 * alone.
 *
 * A retryable failure is thrown, with the wait that the service asks for. Any other failure is returned.
 */
export async function deliver(deps: Dependencies, request: DeliverRequest): Promise<DeliverAnswer> {
  const { account } = request;
  return runAttempt({ deps, account, phase: null, retryBudgetMs: Infinity }, async ({ signal }) => {
    const hold = await reasonNotToSend(deps, request);
    if (hold !== null) return hold;
    const channel = deps.channel(request.channel);
    if (channel === undefined) return refuseUnknown(deps, request);
    const wanted = await want(deps, request, signal);
    if (wanted.kind !== 'send') return wanted;
    return send(deps, { request, channel, batch: wanted.batch, signal });
  });
}

/** The id of the message on its channel: the same for each attempt, and for no other message. */
export function notificationId({ interventionId, channel, occasion, number }: DeliverRequest): string {
  const id = `${interventionId}/${channel}/${occasion}/${number}`;
  return id.length <= MAX_ID ? id : createHash('sha256').update(id).digest('hex');
}

async function reasonNotToSend({ ledger }: Dependencies, request: DeliverRequest): Promise<DeliverAnswer | null> {
  if (isCall(request.occasion)) {
    const by = await within(LEDGER_MS, ledger.acknowledgedBy(request.interventionId)).catch(() => null);
    if (by !== null) return { kind: 'acknowledged', by };
  }
  if (request.quietHours === undefined) return null;
  // The server's time, because a worker's clock may be wrong.
  const untilMs = quietUntil(request.quietHours, activityInfo().currentAttemptScheduledTimestampMs);
  return untilMs === null ? null : { kind: 'quiet', until: new Date(untilMs).toISOString() };
}

/** Records the failure, so that people see it and the trading gate closes if no other channel takes the call. */
async function refuseUnknown({ ledger }: Dependencies, request: DeliverRequest): Promise<DeliverAnswer> {
  const wanted = { ...wantedNotification(request), group: null };
  const failure: Failure = {
    kind: 'configuration',
    side: 'channel',
    message: `the worker's configuration has no channel ${request.channel}`,
    where: 'notify.channels',
    remedy: 'Add the channel to the configuration of the worker, or apply a policy without it.',
    retryAfterMs: null,
  };
  await within(LEDGER_MS, ledger.recordDeliveryFailure(alone(wanted), failure)).catch(() => undefined);
  return refusal(failure);
}

type Wanted = { kind: 'send'; batch: NotificationBatch } | DeliverAnswer;

/**
 * Asks the ledger what to send. Waits for the other messages of the group. A ledger that is slow because many accounts ask at once
 * is asked again, because otherwise each of them would send its own message.
 */
async function want(deps: Dependencies, request: DeliverRequest, signal: AbortSignal | undefined): Promise<Wanted> {
  const wanted = wantedNotification(request);
  const deadline = deps.now() + GROUP_MS;
  let unanswered = 0;
  while (deps.now() < deadline) {
    const answer = await within(LEDGER_MS, deps.ledger.wantNotification(wanted)).catch(() => null);
    if (answer === null) {
      if (wanted.group === null || ++unanswered === MAX_UNANSWERED) return { kind: 'send', batch: alone(wanted) };
      await pause(ASK_AGAIN_MS, signal);
      continue;
    }
    if (answer.kind === 'failed') return refusal(answer.failure);
    if (answer.kind !== 'wait') return answer;
    await pause(Math.min(answer.waitMs, GROUP_MS), signal);
    const hold = await reasonNotToSend(deps, request);
    if (hold !== null && hold.kind !== 'failed') return hold;
  }
  throw new FailureError({
    kind: 'timeout',
    side: 'ledger',
    message: `the messages with the cause ${wanted.group ?? 'of this one'} were not sent within ${GROUP_MS / 1000} s`,
    where: null,
    remedy: 'No action is needed: Plumbline tries again.',
    retryAfterMs: null,
  });
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal });
}

function wantedNotification(request: DeliverRequest): WantedNotification {
  const { account, exchange, interventionId, channel, occasion, severity, openedAt, reasons } = request;
  const [cause] = reasons.map(({ sharedCause }) => sharedCause);
  const isShared = cause !== undefined && reasons.every(({ sharedCause }) => sharedCause === cause);
  return {
    id: notificationId(request),
    account,
    exchange,
    interventionId,
    channel,
    occasion,
    severity,
    openedAt,
    reasons,
    // Each acknowledgement has its own author.
    group: isShared && occasion !== 'acknowledged' ? cause : null,
  };
}

/** What is sent while the ledger does not answer. The key equals the one that the ledger gives a single notification. */
function alone(wanted: WantedNotification): NotificationBatch {
  return { key: messageKeyOf([wanted.id]), members: [{ ...wanted, group: null }], previousThread: null };
}

interface Sending {
  request: DeliverRequest;
  channel: Channel;
  batch: NotificationBatch;
  signal: AbortSignal | undefined;
}

async function send(deps: Dependencies, { request, channel, batch, signal }: Sending): Promise<DeliverAnswer> {
  let receipt: Receipt;
  try {
    const message = await composed(deps, batch, request);
    receipt = await sentInTime(channel, message, batch.previousThread, signal);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    const failure = redactedFailure(error, deps.redact);
    await within(LEDGER_MS, deps.ledger.recordDeliveryFailure(batch, failure)).catch(() => undefined);
    return refusal(failure);
  }
  const kept = { id: receipt.id === null ? null : deps.redact(receipt.id), thread: receipt.thread };
  try {
    await within(LEDGER_MS, deps.ledger.recordDelivery(batch, kept));
    return { kind: 'delivered' };
  } catch {
    // The message was sent. If the attempt failed now, it would be sent again.
    return { kind: 'delivered', unrecorded: { batch: bounded(batch), receipt: kept } };
  }
}

/** The ledger has the reasons of a batch that it formed. For 200 accounts they would be more than a workflow's history takes. */
function bounded(batch: NotificationBatch): NotificationBatch {
  if (batch.members.length === 1) return batch;
  return { ...batch, members: batch.members.map((member) => ({ ...member, reasons: [] })) };
}

/** Throws a retryable failure. */
function refusal(failure: Failure): DeliverAnswer {
  if (isRetryable(failure.kind)) throw new FailureError(failure);
  return { kind: 'failed', reason: `${failure.kind}: ${failure.message}` };
}

/** A plain message is better than none. */
async function composed(deps: Dependencies, batch: NotificationBatch, { answer }: DeliverRequest): Promise<Message> {
  try {
    return await within(2 * LEDGER_MS, deps.compose(batch, answer));
  } catch {
    return plainMessage(batch, deps.redact);
  }
}

async function sentInTime(
  channel: Channel,
  message: Message,
  previousThread: string | null,
  signal: AbortSignal | undefined,
): Promise<Receipt> {
  const tooLong = AbortSignal.timeout(CHANNEL_MS);
  const both = AbortSignal.any(signal === undefined ? [tooLong] : [tooLong, signal]);
  const ended = new Promise<never>((_, reject) => {
    both.addEventListener('abort', () => reject(silent(channel.name)), { once: true });
  });
  // A race, because a channel may ignore the signal.
  return Promise.race([channel.deliver(message, { signal: both, previousThread }), ended]);
}

function silent(channel: string): FailureError {
  return new FailureError({
    kind: 'timeout',
    side: 'channel',
    message: `${channel} did not accept the message within ${CHANNEL_MS / 1000} s`,
    where: null,
    remedy: `Check the network from the worker to the service of ${channel}.`,
    retryAfterMs: null,
  });
}

function redactedFailure(error: unknown, redact: (text: string) => string): Failure {
  const failure: Failure =
    error instanceof FailureError
      ? error.failure
      : {
          kind: 'bug',
          side: 'channel',
          message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
          where: null,
          remedy: "This is a defect of Plumbline: report it with the worker's log of this message.",
          retryAfterMs: null,
        };
  const { message, where, remedy, retryAfterMs } = failure;
  return boundedFailure({
    ...failure,
    message: redact(message),
    where: where === null ? null : redact(where),
    remedy: redact(remedy),
    retryAfterMs: retryAfterMs === null ? null : Math.min(retryAfterMs, MAX_RETRY_AFTER_MS),
  });
}

/** Rejects after `ms` milliseconds. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  // It may still fail after the deadline.
  work.catch(() => undefined);
  const late = delay(ms, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${ms} ms`);
  });
  late.catch(() => undefined);
  return Promise.race([work, late]).finally(() => timer.abort());
}
