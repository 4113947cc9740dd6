import { excessPowers, samePowers, type AnsweredKeyAudit, type KeyAudit } from './key-audit.js';

/** What a worker learns about an account besides its state. Asked about once a day, not in every run. */
export interface Finding {
  /** ccxt's exchange id. */
  exchange: string;
  /** False if the generic profile reads the exchange. */
  verifiedProfile: boolean;
  /** Absent: live. */
  environment?: 'demo' | 'testnet';
  key: AnsweredKeyAudit;
}

/** What is known of an account besides its state, from the findings so far. */
export interface Inspection {
  exchange: string;
  verifiedProfile: boolean;
  /** Absent: live. */
  environment?: 'demo' | 'testnet';
  /** The last answer, with its exchange and its time (ISO 8601); null before the first. */
  key: KnownKey | null;
}

export type KnownKey = KeyAudit & { exchange: string; at: string };

/** What is known of the account's current key; null if the last answer is about the key of another exchange. */
export function knownKey(inspection: Inspection | null): KnownKey | null {
  const key = inspection?.key ?? null;
  return key?.exchange === inspection?.exchange ? key : null;
}

/** A key whose powers changed, or whose first answer shows more powers than it should have. */
export interface KeyChange {
  before: KeyAudit | null;
  after: KeyAudit;
}

/**
 * Returns what is known after a finding, and the change of the key if there is one. A failed question says nothing about
 * the key, so the previous answer stays.
 */
export function inspect(
  before: Inspection | null,
  { key, ...known }: Finding,
  at: Date,
): { after: Inspection; change: KeyChange | null } {
  const former = before?.key ?? null;
  if (key.answer === 'failed') return { after: { ...known, key: former }, change: null };
  const { answer: _answer, ...audit } = key;
  const isChange = former === null ? excessPowers(audit) !== null : !samePowers(former, audit);
  return {
    after: { ...known, key: { ...audit, exchange: known.exchange, at: at.toISOString() } },
    change: isChange ? { before: former, after: audit } : null,
  };
}
