import { z } from 'zod';
import type { Random } from '../simulation/random.js';
import { pause } from './deadline.js';
import type { OutsideRecord } from './record.js';
import type { Stage } from './stage.js';

/** A worker that is never killed is stopped for less than the limit of workflow scripts, so that it survives. */
const KEPT_FREEZE_MS = 2_500;
const EXCHANGE_FAULTS = [
  'status',
  'empty',
  'truncated',
  'html',
  'wrong_json',
  'reset',
  'refuse',
  'slow',
  'stall',
  'rate_limit',
] as const;
const BOT_FAULTS = ['status', 'empty', 'truncated', 'html', 'wrong_json', 'reset', 'refuse', 'stall'] as const;
const placed = z.object({ id: z.number() });

/**
 * Breaks processes, the ledger's connections, exchanges and bots. Each breakage ends on its own, or when the signal
 * aborts.
 */
export class Breakages {
  constructor(
    private readonly stage: Stage,
    private readonly record: OutsideRecord,
    private readonly random: Random,
  ) {
    stage.fleet.restartMs = () => random.between(200, 4_000);
  }

  /** Sends SIGKILL and SIGSTOP to workers. */
  async processes(signal: AbortSignal): Promise<void> {
    const { fleet } = this.stage;
    const mortal = fleet.slots.filter(({ kept }) => !kept);
    // The first breakage is a kill, so that even the shortest chaos has one.
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      await pause(this.random.between(6_000, 16_000), signal);
      if (signal.aborted) return;
      const slot = this.random.pick(!isFirst && this.random.chance(0.15) ? fleet.slots : mortal);
      if (slot === null) continue;
      const dice = isFirst ? 1 : this.random.next();
      if (slot.kept || dice < 0.4) {
        const ms = slot.kept ? this.random.between(500, KEPT_FREEZE_MS) : this.random.between(1_000, 9_000);
        this.record.note('worker stopped (SIGSTOP)', { worker: slot.name, ms });
        await fleet.freeze(slot, ms);
      } else {
        const victims = dice < 0.85 ? [slot] : mortal;
        for (const victim of victims) {
          this.record.note('worker killed (SIGKILL)', { worker: victim.name });
          fleet.kill(victim);
        }
      }
    }
  }

  /** Terminates backends, drops answers to COMMIT, and makes the ledger unreachable. */
  async ledger(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.random.between(6_000, 18_000), signal);
      if (signal.aborted) return;
      const dice = this.random.next();
      if (dice < 0.4) {
        const ended = await this.stage.tables.terminateBackends(this.random.between(2, 10) / 10).catch(() => 0);
        this.record.note('backends terminated', { ended });
      } else if (dice < 0.75) await this.swallowCommit(this.random.between(1_000, 11_000), signal);
      else {
        const ms = this.random.chance(0.3) ? this.random.between(15_000, 35_000) : this.random.between(2_000, 8_000);
        this.record.note('ledger away', { ms });
        this.stage.proxy.cut();
        await pause(ms, signal);
        this.stage.proxy.restore();
      }
    }
  }

  /** Injects faults of single requests, outages and frozen bots. */
  async bothSides(signal: AbortSignal): Promise<void> {
    const exchanges = [...new Set(this.stage.accounts.map(({ exchange }) => exchange))];
    while (!signal.aborted) {
      await pause(this.random.between(1_500, 6_000), signal);
      if (signal.aborted) return;
      try {
        const account = this.random.pick(this.stage.accounts)?.name ?? '';
        const dice = this.random.next();
        if (dice < 0.5) {
          const kind = this.random.pick(EXCHANGE_FAULTS);
          const extra = kind === 'rate_limit' ? { retry_after_seconds: this.random.between(1, 4) } : {};
          const endpoint = `/${this.random.pick(exchanges)}/*`;
          await this.fault({ endpoint, kind, times: this.random.between(1, 6), ...extra }, 20_000, signal);
        } else if (dice < 0.6) {
          const endpoint = `/${this.random.pick(exchanges)}/*`;
          await this.fault({ endpoint, kind: 'status', times: null }, this.random.between(4_000, 15_000), signal);
        } else if (dice < 0.85) {
          const fault = { endpoint: `/bot/${account}/state`, kind: this.random.pick(BOT_FAULTS) };
          await this.fault({ ...fault, times: this.random.between(1, 8) }, 20_000, signal);
        } else void this.freezeBot(account, this.random.between(3_000, 25_000), signal);
      } catch (error) {
        this.record.note('fault could not be placed', { error: String(error) });
      }
    }
  }

  /** Ends all breakages. */
  async end(): Promise<void> {
    const { proxy, hand, accounts } = this.stage;
    proxy.disarm();
    proxy.restore();
    await hand.clearFaults();
    for (const { name } of accounts) await hand.post('/sim/bot', { account: name, freeze: false, drop: false });
  }

  private async swallowCommit(awayMs: number, signal: AbortSignal): Promise<void> {
    const { proxy } = this.stage;
    const swallowed = await new Promise<boolean>((resolve) => {
      proxy.swallowNextCommit(() => resolve(true));
      void pause(10_000, signal).then(() => resolve(false));
    });
    if (!swallowed) {
      proxy.disarm();
      return;
    }
    this.record.note('COMMIT answer swallowed', { awayMs });
    await pause(awayMs, signal);
    proxy.restore();
  }

  /** A fault that is removed again, whether used up or not. */
  private async fault(fault: Record<string, unknown>, ms: number, signal: AbortSignal): Promise<void> {
    const { id } = placed.parse(await this.stage.hand.post('/sim/faults', fault));
    this.record.note(`fault ${String(fault['kind'])}`, fault);
    void pause(ms, signal)
      .then(async () => fetch(`${this.stage.simulatorUrl}/sim/faults/${id}`, { method: 'DELETE' }))
      .catch(() => {});
  }

  private async freezeBot(account: string, ms: number, signal: AbortSignal): Promise<void> {
    try {
      this.record.note('bot frozen', { account, ms });
      await this.stage.hand.post('/sim/bot', { account, freeze: true });
      await pause(ms, signal);
      await this.stage.hand.post('/sim/bot', { account, freeze: false });
    } catch (error) {
      this.record.note('bot could not be frozen', { account, error: String(error) });
    }
  }
}
