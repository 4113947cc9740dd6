import { nearMarkets, type MarketName } from './market-answer.js';

/** An unknown name reloads the markets at most this often. */
const ASK_AGAIN_MS = 15 * 60_000;
/** Names that are remembered. Beyond it the oldest is forgotten, and names without a hint stay without one. */
const MOST_NAMES = 200;

/** Names of a bot's state that the exchange does not have. They may come in every read, so what they cost is bounded. */
export class UnknownNames {
  private readonly askedAt = new Map<string, number>();
  private hints: { of: unknown; names: readonly MarketName[]; byName: Map<string, string[]> } = {
    of: undefined,
    names: [],
    byName: new Map(),
  };

  /** Whether the markets may be loaded again to look for the name; remembers the question. */
  mayAskAgain(name: string, nowMs: number): boolean {
    const before = this.askedAt.get(name);
    if (before !== undefined && nowMs - before < ASK_AGAIN_MS) return false;
    this.askedAt.delete(name);
    this.askedAt.set(name, nowMs);
    const [oldest] = this.askedAt.keys();
    if (oldest !== undefined && this.askedAt.size > MOST_NAMES) this.askedAt.delete(oldest);
    return true;
  }

  /**
   * Markets that the name may mean, worked out once for each list of markets.
   *
   * @param list identifies the list of markets
   */
  near(name: string, list: unknown, namesOf: () => readonly MarketName[]): string[] {
    if (this.hints.of !== list) this.hints = { of: list, names: namesOf(), byName: new Map() };
    const { byName, names } = this.hints;
    const known = byName.get(name);
    if (known !== undefined) return known;
    if (byName.size >= MOST_NAMES) return [];
    const near = nearMarkets(name, names);
    byName.set(name, near);
    return near;
  }
}
