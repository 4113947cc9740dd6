const DAY_MS = 86_400_000;
const KEPT_PER_SIGNER = 100;

/**
 * Each signer's 100 highest nonces. A new nonce must be above the lowest of them, unused, and between two days before
 * and one day after now. https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/nonces-and-api-wallets
 */
export class Nonces {
  private readonly bySigner = new Map<string, number[]>();

  /** Whether this nonce may be used; if so, marks it as used. */
  accept(signer: string, nonce: number, now: number): boolean {
    const used = this.bySigner.get(signer) ?? [];
    const tooLow = used.length >= KEPT_PER_SIGNER && nonce < (used[0] ?? 0);
    if (tooLow || used.includes(nonce) || nonce <= now - 2 * DAY_MS || nonce >= now + DAY_MS) return false;
    const kept = [...used, nonce].toSorted((a, b) => a - b).slice(-KEPT_PER_SIGNER);
    this.bySigner.set(signer, kept);
    return true;
  }
}
