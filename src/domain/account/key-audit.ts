/** What a key may do, as far as the exchange reports; null where it does not. */
export interface KeyAudit {
  canTrade: boolean | null;
  canWithdraw: boolean | null;
  ipRestricted: boolean | null;
  /** One line: what the exchange said, or why it could not be asked. */
  note: string;
}

/**
 * A key audit as it was answered. `told`: by the exchange. `not_told`: this exchange does not report what a key may do,
 * and never will. `failed`: it could not be asked this time, which says nothing of the key.
 */
export type AnsweredKeyAudit = KeyAudit & { answer: 'told' | 'not_told' | 'failed' };

type KeyPowers = Pick<KeyAudit, 'canTrade' | 'canWithdraw' | 'ipRestricted'>;

/**
 * What a key can do that Plumbline does not need, in words ("trade and withdraw"); null where nothing is known to be
 * too much.
 */
export function excessPowers({ canTrade, canWithdraw }: KeyPowers): string | null {
  const powers = [...(canTrade === true ? ['trade'] : []), ...(canWithdraw === true ? ['withdraw'] : [])];
  return powers.length === 0 ? null : powers.join(' and ');
}

/** What a person does about a key that can more than read. */
export const EXCESS_REMEDY = 'Plumbline only reads: give it a key that can only read';

/** What could be better; null where nothing is known to be missing. */
export function keyNote({ ipRestricted }: KeyPowers): string | null {
  return ipRestricted === false ? 'the key has no IP limit: who has it can use it from anywhere' : null;
}

/** Whether a person would do something else about one than about the other. */
export function samePowers(a: KeyPowers, b: KeyPowers): boolean {
  return a.canTrade === b.canTrade && a.canWithdraw === b.canWithdraw && a.ipRestricted === b.ipRestricted;
}
