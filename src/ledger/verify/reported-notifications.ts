import { z } from 'zod';
import { messageKeyOf } from '../contract/message-key.js';
import type { HashedEvent } from '../store/event-chain.js';
import type { FaultList } from './fault-list.js';

/** What events report about notifications, by the notification's id. */
export interface ReportedNotifications {
  delivered: Map<string, ReportedDelivery>;
  failed: Map<string, ReportedSubject>;
}

/** `key`: of the message. */
export interface ReportedSubject {
  interventionId: string;
  channel: string;
  occasion: string;
  key: string;
}

export interface ReportedDelivery extends ReportedSubject {
  /** ISO 8601. */
  at: string;
  failedAttempts: number;
  receipt: string | null;
  thread: string | null;
}

const subject = z.object({
  notification_id: z.string(),
  intervention_id: z.string(),
  channel: z.string(),
  occasion: z.string(),
  batch_key: z.string().optional(),
});
const delivery = subject.extend({
  failed_attempts: z.number(),
  receipt: z.string().nullable(),
  thread: z.string().nullable(),
});

export function collectDelivered(
  { sequence, at }: HashedEvent,
  payload: unknown,
  { delivered }: ReportedNotifications,
  faults: FaultList,
): void {
  const { failed_attempts: failedAttempts, receipt, thread, ...of } = delivery.parse(payload);
  const id = of.notification_id;
  if (delivered.has(id)) faults.add(sequence, `delivers notification ${id} again`);
  delivered.set(id, { ...subjectOf(of), at, failedAttempts, receipt, thread });
}

export function collectFailed(
  { sequence }: HashedEvent,
  payload: unknown,
  { delivered, failed }: ReportedNotifications,
  faults: FaultList,
): void {
  const of = subject.parse(payload);
  const id = of.notification_id;
  if (failed.has(id)) faults.add(sequence, `reports the first failure of notification ${id} again`);
  if (delivered.has(id)) faults.add(sequence, `reports a failure of notification ${id}, which was delivered`);
  failed.set(id, subjectOf(of));
}

function subjectOf(of: z.infer<typeof subject>): ReportedSubject {
  return {
    interventionId: of.intervention_id,
    channel: of.channel,
    occasion: of.occasion,
    key: of.batch_key ?? messageKeyOf([of.notification_id]),
  };
}
