import type { InterventionReason } from '../domain/lifecycle/intervention.js';

export interface Notification {
  account: string;
  exchange: string;
  /** The number of this notification within the intervention, from 1. */
  count: number;
  reasons: readonly InterventionReason[];
}

interface ErrorLog {
  error(fields: object, message: string): void;
}

/** The channel that always exists: one log line of level error per notification. */
export function createLogChannel(log: ErrorLog): (call: Notification) => Promise<void> {
  return async ({ account, exchange, count, reasons }) => {
    const latest = reasons.at(-1)?.text ?? 'no reason given';
    const message = count === 1 ? 'A human is needed' : `A human is still needed (notification ${count})`;
    const acknowledge = `plumbline acknowledge ${account} --by NAME --note TEXT`;
    log.error({ account, exchange, count, reasons, acknowledge }, `${message}: ${account} on ${exchange}: ${latest}`);
  };
}
