import { createWriteStream, type WriteStream } from 'node:fs';
import type { RecordedRun } from '../../src/client.js';
import type { DriftKind } from './drifts.js';

/** A difference that the driver made between an exchange and a bot's state. Times are milliseconds since the epoch. */
export interface PlantedDrift {
  id: number;
  account: string;
  symbol: string;
  kind: DriftKind;
  plantedAt: number;
  /** Removed again before it has to be confirmed. */
  glitch: boolean;
  /** When the ledger was first seen to hold it as a discrepancy. */
  confirmedAt: number | null;
  resolvingAt: number | null;
  resolvedAt: number | null;
}

/** An `acknowledge` and its result. `unknown`: no answer came, so it may have taken effect or not. */
export interface AckRequest {
  account: string;
  by: string;
  note: string;
  outcome: 'accepted' | 'refused' | 'unknown';
  /** The id in the answer of an accepted request. */
  interventionId: string | null;
  acknowledgedBy: string | null;
}

/** A reason that was signalled to an open intervention, with a unique text. */
export interface SentReason {
  account: string;
  text: string;
  outcome: 'accepted' | 'refused' | 'unknown';
}

/** A `pause` or `resume`. Those of one account are sent one after the other. */
export interface PauseChange {
  account: string;
  paused: boolean;
  by: string;
  outcome: 'accepted' | 'refused' | 'unknown';
}

export interface RunNowAnswer {
  account: string;
  by: string;
  askedAt: number;
  run: Pick<RecordedRun, 'runNumber' | 'outcome' | 'lastEvent'>;
}

/**
 * What the driver did and which answers it got, kept outside Plumbline: in memory, and line by line in a file for
 * people.
 */
export class OutsideRecord {
  readonly drifts: PlantedDrift[] = [];
  readonly acks: AckRequest[] = [];
  readonly reasons: SentReason[] = [];
  readonly pauses: PauseChange[] = [];
  readonly answers: RunNowAnswer[] = [];
  /** By account and sequence: hashes of events that were once the last of their account. */
  readonly heads = new Map<string, Map<number, string>>();
  private readonly tallies = new Map<string, number>();
  private readonly lines: WriteStream;

  constructor(file: string) {
    this.lines = createWriteStream(file, { flags: 'a' });
    this.lines.on('error', () => {});
  }

  /** Counts an event and writes it to the file. */
  note(what: string, details: Record<string, unknown> = {}): void {
    this.count(what);
    this.lines.write(`${JSON.stringify({ at: new Date().toISOString(), what, ...details })}\n`);
  }

  count(what: string, times = 1): void {
    this.tallies.set(what, (this.tallies.get(what) ?? 0) + times);
  }

  counts(): [what: string, times: number][] {
    return [...this.tallies].toSorted(([a], [b]) => a.localeCompare(b));
  }

  headSeen(account: string, sequence: number, hash: string): void {
    const heads = this.heads.get(account) ?? new Map<number, string>();
    heads.set(sequence, hash);
    this.heads.set(account, heads);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.lines.end(() => resolve()));
  }
}
