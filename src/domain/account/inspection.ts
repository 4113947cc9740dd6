import { excessPowers, samePowers, type AnsweredKeyAudit, type KeyAudit } from './key-audit.js';

/** What a worker finds out of an account besides its state: about once a day, not in every run. */
export interface Finding {
  /** ccxt's exchange id. */
  exchange: string;
  /** False where the exchange is read by the generic profile. */
  verifiedProfile: boolean;
  key: AnsweredKeyAudit;
}

/** What is known of an account besides its state, from the findings so far. */
export interface Inspection {
  exchange: string;
  verifiedProfile: boolean;
  /** The last answer, of which exchange, and when it came (ISO 8601); null before the first. */
  key: KnownKey | null;
}

export type KnownKey = KeyAudit & { exchange: string; at: string };

/** What is known of the key that the account has now: another exchange means another key. */
export function knownKey(inspection: Inspection | null): KnownKey | null {
  const key = inspection?.key ?? null;
  return key?.exchange === inspection?.exchange ? key : null;
}

/** A key that can do other than before, or can do more than it should the first time it is asked about. */
export interface KeyChange {
  before: KeyAudit | null;
  after: KeyAudit;
}

/**
 * What is known after a finding, and whether the key changed in it. A question that failed says nothing of the key: what
 * was known stays.
 */
export function inspect(
  before: Inspection | null,
  { exchange, verifiedProfile, key }: Finding,
  at: Date,
): { after: Inspection; change: KeyChange | null } {
  const former = before?.key ?? null;
  if (key.answer === 'failed') return { after: { exchange, verifiedProfile, key: former }, change: null };
  const { answer: _answer, ...audit } = key;
  const isChange = former === null ? excessPowers(audit) !== null : !samePowers(former, audit);
  return {
    after: { exchange, verifiedProfile, key: { ...audit, exchange, at: at.toISOString() } },
    change: isChange ? { before: former, after: audit } : null,
  };
}
