import type { SilenceFinding } from './silence-finding.js';

/** How late a sign of life may be, seconds. Together with the watcher's passes the alarm comes within two minutes. */
export const SILENT_AFTER_SECONDS = 60;

/** What the ledger knows of an account's signs of life. */
export interface Expectation {
  account: string;
  active: boolean;
  paused: boolean;
  /** When the next sign of life is due; null if none is expected. */
  expectedAt: Date | null;
  /** The database's clock. */
  readAt: Date;
}

/** Seconds by which the account's sign of life is late, by the database's clock; 0 while none is expected. */
export function overdueSeconds({ active, paused, expectedAt, readAt }: Expectation): number {
  if (!active || paused || expectedAt === null) return 0;
  return Math.max(0, (readAt.getTime() - expectedAt.getTime()) / 1000);
}

/** The account's silence according to the ledger; null while its sign of life is not late. Pure. */
export function silenceOf(totals: Expectation): SilenceFinding | null {
  const seconds = overdueSeconds(totals);
  if (!(seconds > SILENT_AFTER_SECONDS) || totals.expectedAt === null) return null;
  return {
    kind: 'overdue',
    since: totals.expectedAt,
    text: `the account is silent: its next sign of life was due ${Math.floor(seconds)} s ago`,
    remedy:
      `see \`plumbline status ${totals.account}\` and the log of the worker; ` +
      `\`plumbline repair ${totals.account}\` shows what it would do`,
  };
}
