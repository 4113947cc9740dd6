import { totalmem } from 'node:os';
import v8 from 'node:v8';

const MIB = 2 ** 20;

/**
 * Memory of a worker under load without workflows: exchanges with their markets, connections, V8 itself. All numbers here
 * were measured with `npm run bench:fleet`.
 */
const BASE_MIB = 300;
/**
 * Memory of one cached workflow: of the process, and of the heap of the workflow thread. With 3,000 accounts and this plan
 * for 2 GiB the process took at most 1,326 MiB in 38 minutes at 3 to 8 runs a second on an overloaded machine, also while
 * the exchange did not answer for three of them: 0.34 MiB each. The rest is for histories that grow until they are continued
 * as new. With three activities a run it took 1,635 MiB at ten runs a second; the heap held 290 MiB after a collection.
 */
const WORKFLOW_MIB = 0.42;
const WORKFLOW_HEAP_MIB = 0.15;
const BASE_HEAP_MIB = 160;
/** The part of the memory that is planned for use; the rest is for garbage that is not collected yet. */
const USABLE = 0.85;
/** A smaller cache would make the SDK lower the number of concurrent workflow tasks. */
const LEAST_CACHED = 50;
/** Cached workflows besides one per account: interventions, and executions that have just continued as new. */
const spare = (accounts: number): number => Math.ceil(accounts / 10) + 10;

export interface WorkerMemory {
  /** Workflows that stay in memory between their tasks. Any other is replayed from its history at every run. */
  cachedWorkflows: number;
  /** Limit of the heap of the workflow thread, MiB. */
  workflowHeapMib: number;
  /** One line for the log. */
  text: string;
  /** What to do if not all workflows fit into memory; null if they do. */
  warning: string | null;
}

/** Plans for all accounts, because every worker may have to take over those of the others. Pure. */
export function planMemory(given: {
  accounts: number;
  /** Memory of the machine or of its container, whichever is less. */
  memoryBytes: number;
  /** The heap limit set by the user (`--max-old-space-size`), MiB; null if it is not set. */
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
  // Half as much again, because garbage that V8 has not collected yet counts, too.
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

/** The memory of the machine or the limit of its container, whichever is less, bytes. */
export function memoryThereIs(): number {
  // 0, or more than the machine has, if there is no limit.
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** MiB of `--max-old-space-size`, from the command line or NODE_OPTIONS; null if it is not set. */
export function chosenHeapMib(args = process.execArgv, nodeOptions = process.env['NODE_OPTIONS'] ?? ''): number | null {
  const values = [...nodeOptions.split(/\s+/), ...args].flatMap((option) => {
    const match = /^--max[-_]old[-_]space[-_]size=(\d+)$/.exec(option);
    return match?.[1] === undefined ? [] : [Number(match[1])];
  });
  return values.at(-1) ?? null;
}

/**
 * Sets the heap limit of threads that start from now on. The SDK runs workflows in a separate thread, whose heap V8 would
 * otherwise limit to about half of a container's memory. The heap limit of this thread does not change.
 */
export function limitHeapOfThreads(mib: number): void {
  v8.setFlagsFromString(`--max-old-space-size=${mib}`);
}
