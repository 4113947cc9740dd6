import { tradingGateDocument } from '../../report/documents.js';
import { tradingGateOf, type TradingGate } from '../../report/trading-gate.js';
import type { CommandContext } from '../context/command-context.js';
import type { Style } from '../terminal/style.js';

/** The trading gate from the ledger at this moment; null if the ledger does not know the account or does not answer. */
export async function tradingGateNow(context: CommandContext, account: string): Promise<TradingGate | null> {
  try {
    const totals = await (await context.ledger()).account(account);
    return totals === null ? null : tradingGateOf(totals);
  } catch {
    // The command has already succeeded; an unreachable ledger must not make it look failed.
    return null;
  }
}

/** "gate: CLOSED, 2 discrepancies are open" */
export function tradingGateLine(tradingGate: TradingGate | null, style: Style): string {
  if (tradingGate === null)
    return `gate: ${style.warning('NOT KNOWN')}, the ledger does not answer; treat it as closed`;
  const accepted = tradingGate.accepted === 0 ? '' : ` (${tradingGate.accepted} accepted for now)`;
  if (tradingGate.open) return `gate: ${style.good('OPEN')}${accepted}`;
  return `gate: ${style.bad('CLOSED')}, ${tradingGate.reasons.join('; ')}${accepted}`;
}

export function tradingGateField(tradingGate: TradingGate | null) {
  return { gate: tradingGate === null ? null : tradingGateDocument(tradingGate) };
}
