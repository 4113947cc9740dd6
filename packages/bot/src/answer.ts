/** A gate's document has about 500 bytes. */
const MAX_BODY_BYTES = 65_536;
const MAX_REASONS = 100;
const MAX_REASON_LENGTH = 1_000;

/** What is known of the gate. */
export interface GateAnswer {
  open: boolean;
  /** Why it is closed, one line each; empty if it is open. */
  reasons: readonly string[];
  /** Discrepancies that a human accepted for now: they do not close the gate. */
  accepted: number;
}

/** The bot may not trade now. `reasons` says why, in one line each; there is at least one. */
export class GateClosed extends Error {
  override readonly name = 'GateClosed';
  constructor(
    readonly account: string,
    readonly reasons: readonly string[],
  ) {
    super(`the trading gate of ${account} is closed: ${reasons.join('; ')}`);
  }
}

/** The answer does not show clearly whether the gate is open. */
export class Doubt extends Error {
  override readonly name = 'Doubt';
}

export function closed(...reasons: string[]): GateAnswer {
  return { open: false, reasons, accepted: 0 };
}

/** The gate's document, of any status. @throws Doubt if it is not understood */
export function readDocument(status: number, body: string, account: string): { answer: GateAnswer; ageMs: number } {
  const document = parsed(status, body);
  if (document['account'] !== account) throw new Doubt(`the gate answered ${status}, and not about this account`);
  const reasons = reasonsOf(document['reasons']);
  if (status !== 200 || document['open'] !== true || reasons === null || reasons.length > 0) {
    const given = reasons !== null && reasons.length > 0 ? reasons : null;
    return { answer: closed(...(given ?? [`the gate answered ${status}, which does not mean open`])), ageMs: 0 };
  }
  const { age_ms: ageMs, accepted } = document;
  // Written so that NaN is refused.
  if (typeof ageMs !== 'number' || !(ageMs >= 0 && ageMs < 1e12)) {
    throw new Doubt('the answer does not say how old it is');
  }
  return { answer: { open: true, reasons: [], accepted: typeof accepted === 'number' ? accepted : 0 }, ageMs };
}

/** The header Age in milliseconds; it has whole seconds, rounded down. @throws Doubt if there is none */
export function ageOf(headers: Headers): number {
  const text = headers.get('age') ?? '';
  if (!/^\d{1,9}$/.test(text)) throw new Doubt('the answer does not say how old it is');
  return (Number(text) + 1) * 1_000;
}

/** The body as a text. @throws Doubt if it is too large or no UTF-8 */
export async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) break;
    size += next.value.length;
    chunks.push(next.value);
    if (size > MAX_BODY_BYTES) {
      void reader?.cancel().catch(() => {});
      throw new Doubt('the answer is too large');
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new Doubt('the answer is not UTF-8');
  }
}

function parsed(status: number, body: string): Record<string, unknown> {
  let document: unknown = null;
  try {
    document = JSON.parse(body);
  } catch {
    // Refused below.
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new Doubt(`the gate answered ${status} with a body that is not understood`);
  }
  return document as Record<string, unknown>;
}

/** Null if they are not understood. */
function reasonsOf(value: unknown): string[] | null {
  if (!Array.isArray(value)) return null;
  const reasons: string[] = [];
  for (const each of value as unknown[]) {
    if (typeof each !== 'string') return null;
    if (reasons.length < MAX_REASONS) reasons.push(each.slice(0, MAX_REASON_LENGTH));
  }
  return reasons;
}
