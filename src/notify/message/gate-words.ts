import type { TradingGate } from '../../domain/gate/trading-gate.js';

/** "May the bot trade now? NO: the trading gate is closed (1 discrepancy is open)". Null: the ledger does not answer. */
export function gateLine(gate: TradingGate | null): string {
  const question = 'May the bot trade now?';
  if (gate === null) return `${question} NOT KNOWN, so no: Plumbline's database does not answer.`;
  const accepted = gate.accepted === 0 ? '' : `, ${gate.accepted} accepted for now`;
  if (gate.open) return `${question} YES: the trading gate is open${accepted}.`;
  return `${question} NO: the trading gate is closed (${gate.reasons.map(factOf).join('; ')}${accepted}).`;
}

/** A reason of the gate without its advice, which the message gives in the order of the safe steps. */
function factOf(reason: string): string {
  const [fact = reason] = reason.split(': ');
  return fact === 'an intervention is open' ? 'nobody has acknowledged this call' : fact;
}
