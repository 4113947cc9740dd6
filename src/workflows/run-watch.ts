import type { RecordedRun, RunKey, RunTrigger } from '../domain/lifecycle/run.js';

/** What is known of a run when it begins. */
export interface RunBeginning {
  key: RunKey;
  exchange: string;
  trigger: RunTrigger;
  /** ISO 8601. */
  startedAt: string;
}

/** Receives the events of an account's runs. This class does nothing; the interceptor that traces runs passes a subclass. */
export class RunWatch {
  /** The timer of a tick has fired. */
  fired(_dueMs: number): void {}
  began(_run: RunBeginning): void {}
  /** @param _result null for a run that was cancelled */
  ended(_result: RecordedRun | null): void {}
}
