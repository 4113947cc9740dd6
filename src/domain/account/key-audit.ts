/** What a key may do; null where the exchange does not report it. */
export interface KeyAudit {
  canTrade: boolean | null;
  canWithdraw: boolean | null;
  ipRestricted: boolean | null;
  /** One line: what the exchange said, or why it could not be asked. */
  note: string;
}

/**
 * A key audit and how it was answered. `told`: the exchange answered. `not_told`: the exchange has no such question.
 * `failed`: the question failed this time, which says nothing about the key.
 */
export type AnsweredKeyAudit = KeyAudit & { answer: 'told' | 'not_told' | 'failed' };

type KeyPowers = Pick<KeyAudit, 'canTrade' | 'canWithdraw' | 'ipRestricted'>;

/**
 * What a key can do that Plumbline does not need, in words ("trade and withdraw"); null if no such power is known.
 */
export function excessPowers({ canTrade, canWithdraw }: KeyPowers): string | null {
  const powers = [...(canTrade === true ? ['trade'] : []), ...(canWithdraw === true ? ['withdraw'] : [])];
  return powers.length === 0 ? null : powers.join(' and ');
}

/** The remedy for a key that can do more than read. */
export const EXCESS_REMEDY = 'Plumbline only reads: give it a key that can only read';

/** What a person could improve about the key, in words; null if nothing is known. */
export function keyNote({ ipRestricted }: KeyPowers): string | null {
  return ipRestricted === false ? 'the key has no IP limit: anyone who has it can use it from anywhere' : null;
}

/** Whether both keys have the same powers; the note does not count. */
export function samePowers(a: KeyPowers, b: KeyPowers): boolean {
  return a.canTrade === b.canTrade && a.canWithdraw === b.canWithdraw && a.ipRestricted === b.ipRestricted;
}
