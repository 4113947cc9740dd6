import { CancellationScope, isCancellation, log } from '@temporalio/workflow';
import type { DeliverAnswer } from '../activities/activity-messages.js';
import type { DeliverRequest } from '../domain/lifecycle/deliver-request.js';
import { summary } from '../domain/lifecycle/bounded.js';
import { isCall } from '../domain/lifecycle/ladder-state.js';
import { calling, telling } from './proxies.js';

/** `cancelled`: the call was answered first. `lost`: no attempt ended. In both cases the message may have arrived. */
export type Delivered = DeliverAnswer | { kind: 'cancelled' } | { kind: 'lost' };

/** The messages of one intervention on one channel. */
interface Box {
  sending: { request: DeliverRequest; scope: CancellationScope } | null;
  /** At most one call and one piece of news. */
  waiting: DeliverRequest[];
}

/**
 * Delivers messages: one at a time on each channel, so that a thread stays in order, and on all channels in parallel, so that a
 * slow channel delays no other. Messages that wait for the same channel are joined.
 */
export class Deliveries {
  private readonly boxes = new Map<string, Box>();

  /** @param answered is called for each message that was tried */
  constructor(private readonly answered: (request: DeliverRequest, answer: Delivered) => void) {}

  post(request: DeliverRequest): void {
    const name = `${request.interventionId}/${request.channel}`;
    const box: Box = this.boxes.get(name) ?? { sending: null, waiting: [] };
    this.boxes.set(name, box);
    // After an answer, no earlier message that still waits is needed.
    if (request.occasion === 'acknowledged') box.waiting.length = 0;
    const same = box.waiting.findIndex(({ occasion }) => isCall(occasion) === isCall(request.occasion));
    const before = box.waiting[same];
    if (before === undefined) box.waiting.push(request);
    else box.waiting[same] = joined(before, request);
    if (box.sending === null) void this.send(name, box);
  }

  /** Ends all calls, because somebody has answered. */
  cancelCalls(): void {
    for (const { sending, waiting } of this.boxes.values()) {
      waiting.splice(0, waiting.length, ...waiting.filter(({ occasion }) => !isCall(occasion)));
      if (sending !== null && isCall(sending.request.occasion)) sending.scope.cancel();
    }
  }

  get isIdle(): boolean {
    return this.boxes.size === 0;
  }

  /** The messages that are being delivered or wait. */
  unsent(): DeliverRequest[] {
    return [...this.boxes.values()].flatMap(({ sending, waiting }) => [
      ...(sending === null ? [] : [sending.request]),
      ...waiting,
    ]);
  }

  private async send(name: string, box: Box): Promise<void> {
    for (let request = box.waiting.shift(); request !== undefined; request = box.waiting.shift()) {
      const scope = new CancellationScope();
      box.sending = { request, scope };
      const answer = await attempt(request, scope);
      box.sending = null;
      this.answered(request, answer);
    }
    this.boxes.delete(name);
  }
}

async function attempt(request: DeliverRequest, scope: CancellationScope): Promise<Delivered> {
  const { channel, occasion, number } = request;
  const proxy = isCall(occasion) ? calling : telling;
  const options = { summary: summary(`${channel}: ${occasion}${number === 1 ? '' : ` ${number}`}`) };
  try {
    return await scope.run(async () => proxy.deliver.executeWithOptions(options, [request]));
  } catch (error) {
    if (isCancellation(error)) return { kind: 'cancelled' };
    log.error('A message was not delivered', { channel, occasion, error });
    return { kind: 'lost' };
  }
}

/** Joins two messages that wait for the same channel. */
function joined(before: DeliverRequest, next: DeliverRequest): DeliverRequest {
  if (before.occasion === 'called') return { ...next, occasion: 'called', number: before.number };
  if (before.occasion !== 'reason') return next;
  if (next.occasion !== 'reason') return before;
  return { ...next, reasons: [...before.reasons, ...next.reasons].slice(-MAX_TOLD) };
}

/** The most reasons that one message names. */
export const MAX_TOLD = 20;
