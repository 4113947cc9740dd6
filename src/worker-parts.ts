import type { PlumblineConfig } from './config/config.js';
import type { Heartbeats } from './notify/heartbeat.js';
import type { AllSides } from './observe/account-sides.js';
import type { Calls } from './worker-calls.js';

/** What a worker makes of its configuration. It is replaced as a whole. */
export interface WorkerParts {
  config: PlumblineConfig;
  sides: AllSides;
  calls: Calls;
  heartbeats: Heartbeats;
}

/** Longer than any activity, so that a run that has begun keeps the connections with which it began. */
const RETIRED_MS = 15 * 60_000;

export interface ReplaceableParts {
  readonly current: WorkerParts;
  /** From now on runs use parts of this configuration. Those that are going on keep theirs. */
  replace(config: PlumblineConfig): void;
  close(): Promise<void>;
}

export function replaceableParts(
  config: PlumblineConfig,
  make: (config: PlumblineConfig) => WorkerParts,
): ReplaceableParts {
  let current = make(config);
  const retired = new Map<WorkerParts, NodeJS.Timeout>();
  const close = async ({ sides, calls, heartbeats }: WorkerParts): Promise<void> => {
    await heartbeats.close();
    await calls.close();
    await sides.close();
  };
  return {
    get current() {
      return current;
    },
    replace(next) {
      const former = current;
      current = make(next);
      const timer = setTimeout(() => {
        retired.delete(former);
        void close(former).catch(() => undefined);
      }, RETIRED_MS);
      retired.set(former, timer.unref());
    },
    async close() {
      for (const timer of retired.values()) clearTimeout(timer);
      await Promise.all([current, ...retired.keys()].map(close));
    },
  };
}

/** What a worker cannot change while it runs, by the name of the setting. */
export function fixedInWorker({ accounts, ledger, encryption, versioning, tracing, serve, worker }: PlumblineConfig) {
  return {
    'worker.task_queue': worker.taskQueue,
    'worker.metrics_host, worker.metrics_port, worker.metrics_allowed_hosts': [
      worker.metricsHost,
      worker.metricsPort,
      worker.metricsAllowedHosts,
    ],
    'ledger.url': ledger.url,
    'temporal.encryption': encryption,
    'temporal.versioning': versioning,
    tracing,
    'serve.public_url': serve.publicUrl,
    // The budget is shared by all accounts of the exchange in this process, and only shrinks.
    weight_per_minute: Math.max(0, ...accounts.map(({ exchange }) => exchange.weightPerMinute ?? 0)),
  };
}
