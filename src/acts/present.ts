import { tradingGateOf, withFinding, type TradingGate } from '../domain/gate/trading-gate.js';
import type { SilenceFinding } from '../domain/gate/silence-finding.js';
import type { Policy } from '../domain/policy/policy.js';
import type { DiscrepancyRow, InterventionRow, Ledger } from '../ledger/contract/ledger.js';

/** What is true of an account after an act, from the ledger. */
export interface Present {
  account: string;
  /** Null if the ledger does not answer or does not know the account: treat it as closed. */
  gate: TradingGate | null;
  /** Open discrepancies that close the trading gate and that nobody accepts. The newest first, at most `MAX_STANDING`. */
  standing: DiscrepancyRow[];
  standingCount: number;
  /** The newest intervention, whatever its state; null if there was none. */
  intervention: InterventionRow | null;
}

const MAX_STANDING = 20;
/** Open discrepancies that are read; `standingCount` is at most this. */
const MAX_READ = 1000;

/** Never throws: the act has succeeded, and an unreachable ledger must not make it look failed. */
export async function presentOf(
  ledgerOf: () => Promise<Pick<Ledger, 'account' | 'discrepancies' | 'interventions'>>,
  account: string,
  finding: SilenceFinding | null = null,
): Promise<Present> {
  try {
    const ledger = await ledgerOf();
    const [totals, open, [intervention = null]] = await Promise.all([
      ledger.account(account),
      ledger.discrepancies(account, { state: 'open', limit: MAX_READ }),
      ledger.interventions({ account, limit: 1 }),
    ]);
    if (totals === null) return { account, gate: null, standing: [], standingCount: 0, intervention: null };
    const standing = unaccepted(open, totals.readAt).filter((row) => closesGate(row, totals.policy));
    return {
      account,
      gate: withFinding(tradingGateOf(totals), finding),
      standing: standing.slice(0, MAX_STANDING),
      standingCount: standing.length,
      intervention,
    };
  } catch {
    return { account, gate: null, standing: [], standingCount: 0, intervention: null };
  }
}

/** By the decision that the ledger stores; without a decision, by its type. */
function closesGate({ decision, type }: DiscrepancyRow, { interveneOn }: Pick<Policy, 'interveneOn'>): boolean {
  return decision?.closeGate ?? interveneOn.includes(type);
}

/** Those that nobody accepts now. */
export function unaccepted(open: readonly DiscrepancyRow[], now: Date): DiscrepancyRow[] {
  return open.filter(({ accepted }) => accepted === null || !(accepted.until > now));
}
