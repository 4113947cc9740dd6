import type { Random } from '../simulation/random.js';
import { SYMBOLS, type ChaosAccount } from './accounts.js';
import { pause } from './deadline.js';
import { DRIFT_KINDS, plant, type OpenDrift } from './drifts.js';
import type { OutsideRecord, PlantedDrift } from './record.js';
import type { Stage } from './stage.js';
import type { Watcher } from './watcher.js';

const TICK_MS = 700;
const MOST_PER_ACCOUNT = 2;
const GLITCH_SHARE = 0.15;
/** A drift that is not confirmed after this time gets another forced run. */
const FORCE_AGAIN_MS = 45_000;

interface OpenEntry {
  drift: PlantedDrift;
  open: OpenDrift;
  /** When to resolve it; null until the ledger has it. */
  resolveAt: number | null;
  forceAt: number;
}

/** Plants drifts, keeps each until the ledger has it (except glitches), and resolves it. */
export class Planter {
  private readonly open: OpenEntry[] = [];

  constructor(
    private readonly stage: Stage,
    private readonly record: OutsideRecord,
    private readonly watcher: Watcher,
    private readonly random: Random,
    /** Drifts planted per minute, over all accounts. */
    private readonly perMinute: number,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.random.chance((this.perMinute * TICK_MS) / 60_000)) await this.plantOne();
        await this.tend();
      } catch (error) {
        this.record.note('planter failed', { error: String(error) });
      }
      await pause(TICK_MS, signal);
    }
  }

  /** Plants one at a place without a present or still recorded difference. Null if there is no such place. */
  async plantOne(only?: ChaosAccount): Promise<PlantedDrift | null> {
    const account = only ?? this.random.pick(this.stage.accounts);
    if (account === null) return null;
    const { name } = account;
    const own = this.open.filter(({ drift }) => drift.account === name);
    const taken = new Set([
      ...own.map(({ drift }) => drift.symbol),
      ...this.watcher.discrepancies
        .filter((row) => row.account === name && row.state === 'open')
        .map((row) => row.symbol),
    ]);
    const symbol = this.random.pick(Object.keys(SYMBOLS).filter((each) => !taken.has(each)));
    const kind = this.random.pick(DRIFT_KINDS);
    if (symbol === null || kind === null || own.length >= MOST_PER_ACCOUNT) return null;
    if (own.some(({ drift }) => drift.glitch)) return null;
    const glitch = only === undefined && own.length === 0 && this.random.chance(GLITCH_SHARE);
    const drift: PlantedDrift = {
      id: this.record.drifts.length + 1,
      account: name,
      symbol,
      kind,
      plantedAt: Date.now(),
      glitch,
      confirmedAt: null,
      resolvingAt: null,
      resolvedAt: null,
    };
    const opened = await plant(this.stage.hand, drift, this.random);
    this.record.drifts.push(drift);
    this.record.note('drift planted', { ...drift });
    this.open.push({
      drift,
      open: opened,
      resolveAt: glitch ? Date.now() + this.random.between(500, 5_000) : null,
      forceAt: Date.now(),
    });
    return drift;
  }

  /** Resolves what is due; with `all`, everything. */
  async tend({ all = false } = {}): Promise<void> {
    for (const entry of this.open.slice()) {
      if (!this.open.includes(entry)) continue;
      const { drift } = entry;
      const now = Date.now();
      if (drift.confirmedAt !== null) entry.resolveAt ??= now + this.random.between(2_000, 20_000);
      const due = entry.resolveAt !== null && now >= entry.resolveAt && !this.waitsForOther(entry);
      if (all || due) await this.resolve(entry);
      else if (drift.confirmedAt === null && now >= entry.forceAt) this.force(entry);
    }
  }

  unresolved(): readonly PlantedDrift[] {
    return this.open.map(({ drift }) => drift);
  }

  /** Resolves one drift, whether the ledger has it or not. */
  async resolveDrift(drift: PlantedDrift): Promise<void> {
    const entry = this.open.find((each) => each.drift === drift);
    if (entry !== undefined) await this.resolve(entry);
  }

  /** Whether another drift of the account, which would end together with this one, is not confirmed yet. */
  private waitsForOther(entry: OpenEntry): boolean {
    return this.open.some(
      ({ drift }) => drift !== entry.drift && drift.account === entry.drift.account && drift.confirmedAt === null,
    );
  }

  private async resolve(entry: OpenEntry): Promise<void> {
    const { drift } = entry;
    // A resync ends every difference of the account, so all of its drifts end with it.
    const ended = this.open
      .filter((each) => each.drift.account === drift.account)
      // A person's order is canceled first: otherwise the resync would make it the bot's own.
      .toSorted((a, b) => Number(b.drift.kind === 'order') - Number(a.drift.kind === 'order'));
    for (const each of ended) each.drift.resolvingAt = Date.now();
    for (const each of ended) await each.open.resolve();
    for (const each of ended) {
      each.drift.resolvedAt = Date.now();
      this.open.splice(this.open.indexOf(each), 1);
      this.record.note('drift resolved', { id: each.drift.id, account: each.drift.account, symbol: each.drift.symbol });
    }
  }

  private force(entry: OpenEntry): void {
    entry.forceAt = Date.now() + FORCE_AGAIN_MS;
    this.stage.client.forceRun(entry.drift.account, 'planter (chaos)').catch((error: unknown) => {
      this.record.note('force-run failed', { account: entry.drift.account, error: String(error) });
    });
  }
}
