import { gateDocument } from '../http/documents.js';
import { gateOf, type Gate } from '../http/gate.js';
import type { Context } from './context.js';
import type { Style } from './render/style.js';

/** The gate as the ledger has it at this moment; null where the ledger does not know the account or does not answer. */
export async function gateNow(context: Context, account: string): Promise<Gate | null> {
  try {
    const totals = await (await context.ledger()).account(account);
    return totals === null ? null : gateOf(totals);
  } catch {
    // What was done is done; that the ledger is away must not make it look undone.
    return null;
  }
}

/** "gate: CLOSED, 2 discrepancies stand" */
export function gateLine(gate: Gate | null, style: Style): string {
  if (gate === null) return `gate: ${style.warning('NOT KNOWN')}, the ledger does not answer; take it for closed`;
  const accepted = gate.accepted === 0 ? '' : ` (${gate.accepted} accepted for now)`;
  if (gate.open) return `gate: ${style.good('OPEN')}${accepted}`;
  return `gate: ${style.bad('CLOSED')}, ${gate.reasons.join('; ')}${accepted}`;
}

export function gateField(gate: Gate | null) {
  return { gate: gate === null ? null : gateDocument(gate) };
}
