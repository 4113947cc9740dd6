/** What a running worker tells about itself. */
export interface WorkerReport {
  /** Process, host and a random part: each start is a worker of its own. */
  worker: string;
  taskQueue: string;
  /** The accounts of its configuration. */
  accounts: readonly string[];
  /** SHA-256 of the configuration file in use. */
  configDigest: string;
}

export interface WorkerLedger {
  /** Each worker repeats its report; one that is older than a minute counts no longer. */
  reportWorker(report: WorkerReport): Promise<void>;
  /** A worker that ends. */
  forgetWorker(worker: string): Promise<void>;
  /** The workers of the task queue that reported within a minute. Older versions of Plumbline do not report. */
  workers(taskQueue: string): Promise<WorkerReport[]>;
}
