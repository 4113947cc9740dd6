import type { RunPlace } from './told.js';

/** What chained records tell of an open discrepancy. */
export interface ToldIncident {
  id: string;
  /** ISO 8601; null if an earlier version recorded it and no anchor holds it. */
  openedAt: string | null;
  /** Row of the run that opened it; null likewise. */
  openedRow: number | null;
  /** Sequence of the event that tells its present values. */
  lastCall: number;
  /** Digest of its present words and the sequence of the event that tells it; null likewise. */
  words: { digest: string; sequence: number } | null;
  /** Null where nobody accepts it as it is. */
  accepted: ToldAcceptance | null;
  resolved: { at: string; run: RunPlace } | null;
}

/** Times are ISO 8601. */
export interface ToldAcceptance {
  by: string;
  note: string;
  until: string;
  at: string;
}

/**
 * The discrepancies of an account as its events tell of them, in order. One that is resolved is handed out to be compared and
 * forgotten, so that a long history takes no more memory than what is open.
 */
export class ToldIncidents {
  /** How many events opened one. */
  opened = 0;
  readonly #open = new Map<string, ToldIncident>();
  /** Resolved by the last run: later events of the same run may still tell of them. */
  #justResolved = new Map<string, ToldIncident>();
  #resolved: ToldIncident[] = [];

  add(incident: ToldIncident): void {
    this.opened += 1;
    this.#open.set(incident.id, incident);
  }

  find(id: string): ToldIncident | undefined {
    return this.#open.get(id) ?? this.#justResolved.get(id);
  }

  resolve(incident: ToldIncident, resolved: NonNullable<ToldIncident['resolved']>): void {
    incident.resolved = resolved;
    this.#open.delete(incident.id);
    this.#justResolved.set(incident.id, incident);
  }

  /** To be called for each event that ends a run. */
  nextRun(): void {
    if (this.#justResolved.size === 0) return;
    this.#resolved.push(...this.#justResolved.values());
    this.#justResolved = new Map();
  }

  /** The resolved ones without a further event. */
  takeResolved(): ToldIncident[] {
    const taken = this.#resolved;
    this.#resolved = [];
    return taken;
  }

  open(): ToldIncident[] {
    return [...this.#open.values()];
  }
}
