/** What a key may do, as far as the exchange tells; null where it does not. */
export interface KeyAudit {
  canTrade: boolean | null;
  canWithdraw: boolean | null;
  ipRestricted: boolean | null;
  /** One line: what the exchange said, or why it could not be asked. */
  note: string;
}

/**
 * A key audit as it was answered. `told`: by the exchange. `not_told`: this exchange does not tell what a key may do, and
 * never will. `failed`: it could not be asked this time, which says nothing of the key.
 */
export type AnsweredKeyAudit = KeyAudit & { answer: 'told' | 'not_told' | 'failed' };

type KeyPowers = Pick<KeyAudit, 'canTrade' | 'canWithdraw' | 'ipRestricted'>;

/** What is more than a witness needs, one line each: a key that trades or withdraws is a risk without a use. */
export function keyWarnings({ canTrade, canWithdraw }: KeyPowers): string[] {
  const powers = [...(canTrade === true ? ['trade'] : []), ...(canWithdraw === true ? ['withdraw'] : [])];
  return powers.length === 0
    ? []
    : [`the key can ${powers.join(' and ')}; Plumbline only reads: give it a read-only key`];
}

/** What could be better, one line each. */
export function keyNotes({ ipRestricted }: KeyPowers): string[] {
  return ipRestricted === false ? ['the key has no IP limit: anyone who has it can use it from anywhere'] : [];
}

/** Whether a person would do something else about one than about the other. */
export function samePowers(a: KeyPowers, b: KeyPowers): boolean {
  return a.canTrade === b.canTrade && a.canWithdraw === b.canWithdraw && a.ipRestricted === b.ipRestricted;
}
