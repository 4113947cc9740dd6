import { z } from 'zod';

/** Every kind of fault. */
export const FAULT_KINDS = [
  'status',
  'empty',
  'truncated',
  'html',
  'stall',
  'slow',
  'reset',
  'refuse',
  'wrong_json',
  'old_timestamp',
  'repeat',
  'rate_limit',
  'ban',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

const common = {
  /**
   * Path with or without its first segments ("/bot/state", "fapi/v3/positionRisk", "positionRisk"), or a glob in which
   * * matches any text. A method and a space in front ("GET ...") restrict it.
   */
  endpoint: z.string().min(1).default('*'),
  /** How many requests it affects; null until it is removed. */
  times: z.number().int().min(1).nullable().default(1),
  /** How many requests it lets pass first. */
  skip: z.number().int().min(0).default(0),
  /** Query or body parameters that the request must have, by name and exact value. */
  where: z.record(z.string(), z.string()).default({}),
};

/** The request for a fault; `fault-hooks.ts` and docs/simulator.md describe each kind. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    ...common,
    status: z.number().int().min(200).max(599).default(500),
    body: z.string().optional(),
    content_type: z.string().default('application/json'),
    headers: z.record(z.string(), z.string()).default({}),
  }),
  z.strictObject({ kind: z.literal('empty'), ...common }),
  z.strictObject({
    kind: z.literal('truncated'),
    ...common,
    /** Number of characters that are kept; half of the answer by default. */
    keep: z.number().int().min(0).optional(),
  }),
  z.strictObject({ kind: z.literal('html'), ...common, status: z.number().int().min(200).max(599).default(200) }),
  z.strictObject({ kind: z.literal('stall'), ...common }),
  z.strictObject({ kind: z.literal('slow'), ...common, duration_ms: z.number().int().min(1).default(2_000) }),
  z.strictObject({ kind: z.literal('reset'), ...common }),
  z.strictObject({ kind: z.literal('refuse'), ...common }),
  z.strictObject({ kind: z.literal('wrong_json'), ...common, body: z.string().default('{}') }),
  z.strictObject({
    kind: z.literal('old_timestamp'),
    ...common,
    age_ms: z.number().int().min(1).default(3_600_000),
  }),
  z.strictObject({ kind: z.literal('repeat'), ...common }),
  z.strictObject({
    kind: z.literal('rate_limit'),
    ...common,
    retry_after_seconds: z.number().int().min(0).default(30),
  }),
  z.strictObject({ kind: z.literal('ban'), ...common, retry_after_seconds: z.number().int().min(0).default(120) }),
]);
export type Fault = z.output<typeof faultSchema>;
export type FaultInput = z.input<typeof faultSchema>;

/** A fault with its number and hit count. */
export interface PlacedFault {
  id: number;
  fault: Fault;
  hits: number;
  passed: number;
}

/** The request that a fault is matched against. */
export interface FaultTarget {
  method: string;
  /** Without the query. */
  path: string;
  parameters: ReadonlyMap<string, string>;
}

/** The active faults, oldest first. At most one of them affects a request. */
export class Faults {
  private placed: PlacedFault[] = [];
  private nextId = 1;

  /** Throws ZodError if the fault is not well-formed. */
  add(input: FaultInput): PlacedFault {
    const fault: PlacedFault = { id: this.nextId++, fault: faultSchema.parse(input), hits: 0, passed: 0 };
    this.placed.push(fault);
    return fault;
  }

  /** Removes one fault, or all if no number is given. Returns how many were removed. */
  remove(id?: number): number {
    const before = this.placed.length;
    this.placed = id === undefined ? [] : this.placed.filter((each) => each.id !== id);
    return before - this.placed.length;
  }

  /** Includes used-up faults with their hits, until they are removed. */
  list(): PlacedFault[] {
    return [...this.placed];
  }

  /** The fault that affects this request, counted as a hit; null if none does. */
  take(target: FaultTarget): PlacedFault | null {
    for (const placed of this.placed) {
      const { fault } = placed;
      if ((fault.times !== null && placed.hits >= fault.times) || !matches(fault, target)) continue;
      if (placed.passed < fault.skip) {
        placed.passed += 1;
        continue;
      }
      placed.hits += 1;
      return placed;
    }
    return null;
  }
}

function matches(fault: Fault, target: FaultTarget): boolean {
  const parts = /^(?:(GET|POST|PUT|DELETE) )?(.*)$/s.exec(fault.endpoint);
  const [method, pattern] = [parts?.[1], parts?.[2] ?? fault.endpoint];
  if (method !== undefined && method !== target.method) return false;
  if (!pathMatches(pattern, target.path)) return false;
  return Object.entries(fault.where).every(([name, value]) => target.parameters.get(name) === value);
}

function pathMatches(pattern: string, path: string): boolean {
  if (!pattern.includes('*')) return path === pattern || path.endsWith(`/${pattern.replace(/^\//, '')}`);
  const expression = pattern.split('*').map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${expression.join('.*')}$`, 's').test(path);
}
