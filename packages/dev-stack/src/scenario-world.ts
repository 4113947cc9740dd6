/** The fields of a run's verdict that the scenario reads. Plumbline's recorded runs have all of them. */
export interface Verdict {
  runNumber: number;
  outcome: Outcome;
  looks: number;
  /** The discrepancies that the run opened. */
  opened: readonly { type: string; description: string }[];
  resolved: number;
  openDiscrepancies: number;
  failure: { kind: string; message: string } | null;
}

export type Outcome = 'matched' | 'drifted' | 'failed';

/**
 * What the demo scenario needs from the running stack; `plumbline dev` provides it through the client, the ledger and
 * HTTP.
 */
export interface ScenarioWorld {
  readonly simulator: SimulatorHand;
  /** Runs the account's reconciliation now and waits for the verdict, even if the worker dies meanwhile. */
  runNow(): Promise<Verdict>;
  consecutiveFailures(): Promise<number>;
  /**
   * The reasons (discrepancy types, RECONCILIATION_FAILURE_THRESHOLD) of the open intervention; null if none is open.
   */
  openIntervention(): Promise<{ reasons: string[] } | null>;
  acknowledge(by: string, note: string): Promise<void>;
  /** Accepts everything that is open, for an hour. */
  accept(by: string, note: string): Promise<void>;
  /** Asks over HTTP, as a bot would. */
  gate(): Promise<{ open: boolean; reasons: string[] }>;
  /** What the ledger holds about the account. */
  ledger(): Promise<LedgerView>;
  /** Sends SIGKILL. */
  killWorker(): Promise<void>;
  startWorker(): Promise<void>;
}

export interface LedgerView {
  /** Newest first. */
  runNumbers: number[];
  failureTotal: number;
  /** How many events say that the threshold was reached. */
  thresholdEvents: number;
  /** What `plumbline verify` reports as wrong. */
  faults: string[];
}

/** The simulator answers in milliseconds; a busy machine gets a minute. */
const ANSWER_MS = 60_000;

/** The simulator's control API over HTTP: the market, the bot and a person at the exchange. */
export class SimulatorHand {
  constructor(private readonly url: string) {}

  async post(path: string, body: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async get(path: string): Promise<unknown> {
    return this.ask(path, { method: 'GET' });
  }

  async clearFaults(): Promise<void> {
    await this.ask('/sim/faults', { method: 'DELETE' });
  }

  private async ask(path: string, request: RequestInit): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, { ...request, signal: AbortSignal.timeout(ANSWER_MS) });
    const text = await response.text();
    if (!response.ok) throw new Error(`The simulator refused ${request.method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}
