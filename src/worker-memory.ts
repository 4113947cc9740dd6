import { totalmem } from 'node:os';
import v8 from 'node:v8';

const MIB = 2 ** 20;

/**
 * What a worker takes without any workflow, under load: exchanges with their markets, connections, V8's own. Measured with
 * `npm run bench:fleet`, as the other numbers here.
 */
const BASE_MIB = 300;
/**
 * What one workflow in the cache takes of the process' memory, and of the heap in which workflows live. With 3,000 accounts
 * the process took 1,635 MiB at ten runs a second and up to 2,180 MiB while the exchange did not answer; the heap held
 * 290 MiB after a collection.
 */
const WORKFLOW_MIB = 0.5;
const WORKFLOW_HEAP_MIB = 0.15;
const BASE_HEAP_MIB = 160;
/** The share of the memory that is planned with; the rest is for garbage that is not collected yet. */
const USABLE = 0.85;
/** Below this the cache is smaller than the number of workflow tasks at once, which makes the SDK lower that too. */
const LEAST_CACHED = 50;
/** Cached beside the accounts' own: workflows of interventions, and of what goes on as new. */
const spare = (accounts: number): number => Math.ceil(accounts / 10) + 10;

export interface WorkerMemory {
  /** Workflows that stay in memory between their tasks; one that does not is replayed from its history at every run. */
  cachedWorkflows: number;
  /** Limit of the heap in which workflows live, MiB. */
  workflowHeapMib: number;
  /** One line for the log. */
  text: string;
  /** What to do where not every account's workflow fits; null where all do. */
  warning: string | null;
}

/** Plans for all accounts: every worker may have to take over those of the others. Pure. */
export function planMemory(given: {
  accounts: number;
  /** Of the machine or its container, whichever is less. */
  memoryBytes: number;
  /** The heap limit that somebody chose (`--max-old-space-size`), MiB; null where nobody did. */
  chosenHeapMib: number | null;
}): WorkerMemory {
  const { accounts, chosenHeapMib } = given;
  const memoryMib = Math.floor(given.memoryBytes / MIB);
  const wanted = accounts + spare(accounts);
  const byMemory = (memoryMib * USABLE - BASE_MIB) / WORKFLOW_MIB;
  const byHeap =
    chosenHeapMib === null ? Number.POSITIVE_INFINITY : (chosenHeapMib - BASE_HEAP_MIB) / WORKFLOW_HEAP_MIB;
  const possible = Math.max(LEAST_CACHED, Math.floor(Math.min(byMemory, byHeap)));
  const cachedWorkflows = Math.max(LEAST_CACHED, Math.min(wanted, possible));
  // A half more than it holds: what V8 has not collected yet counts too.
  const full = BASE_HEAP_MIB + cachedWorkflows * WORKFLOW_HEAP_MIB;
  const workflowHeapMib = chosenHeapMib ?? Math.ceil(Math.max(full, Math.min(full * 1.5, memoryMib * 0.75)));
  const neededMib = Math.ceil((BASE_MIB + wanted * WORKFLOW_MIB) / USABLE);
  const neededHeapMib = Math.ceil(BASE_HEAP_MIB + wanted * WORKFLOW_HEAP_MIB);
  return {
    cachedWorkflows,
    workflowHeapMib,
    text: `Up to ${cachedWorkflows} workflows stay in memory, for ${accounts} accounts in ${memoryMib} MiB (heap of the workflows: ${workflowHeapMib} MiB)`,
    warning:
      possible >= wanted
        ? null
        : `Not all workflows of ${accounts} accounts stay in memory: the others are replayed from their history at every run, ` +
          `which costs CPU. ${byHeap < byMemory ? `Raise --max-old-space-size to ${neededHeapMib}, or leave it out` : `Give the worker ${neededMib} MiB of memory`}`,
  };
}

/** The least of what the machine has and what its container may take, bytes. */
export function memoryThereIs(): number {
  // 0, or more than there is, where nothing limits it.
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** MiB of `--max-old-space-size`, from the command line or NODE_OPTIONS; null where nobody chose it. */
export function chosenHeapMib(args = process.execArgv, nodeOptions = process.env['NODE_OPTIONS'] ?? ''): number | null {
  const values = [...nodeOptions.split(/\s+/), ...args].flatMap((option) => {
    const match = /^--max[-_]old[-_]space[-_]size=(\d+)$/.exec(option);
    return match?.[1] === undefined ? [] : [Number(match[1])];
  });
  return values.at(-1) ?? null;
}

/**
 * Sets the heap limit of threads that are started from now on. The SDK runs workflows in a thread of its own, whose heap V8
 * would otherwise limit to about half of a container's memory. The heap of this thread stays as it is.
 */
export function limitHeapOfThreads(mib: number): void {
  v8.setFlagsFromString(`--max-old-space-size=${mib}`);
}
