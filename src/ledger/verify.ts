import type { Session } from './database.js';
import type { VerifyReport } from './ledger.js';

export async function verifyLedger(_session: Session, _account: string | null): Promise<VerifyReport> {
  throw new Error('not yet');
}
