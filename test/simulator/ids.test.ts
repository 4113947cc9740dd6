import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { idsOfTime } from '../../packages/exchange-simulator/src/ids-of-time.js';
import {
  DEMO_ACCOUNT,
  startSimulator,
  type SimulatorOptions,
} from '../../packages/exchange-simulator/src/simulator.js';

const START = Date.parse('2026-11-29T12:00:00Z');
const SECOND = 1_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-ids-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The ids that a simulator takes which starts at this time, by sequence. */
async function idsTaken(at: number, options: Partial<SimulatorOptions> = {}): Promise<Record<string, number[]>> {
  const simulator = await startSimulator({ port: 0, now: () => at, ...options });
  const buy = { symbol: 'BTC/USDT:USDT', side: 'buy', amount: '0.01' } as const;
  const place = (request: Parameters<typeof simulator.engine.place>[2]): number =>
    Number(simulator.engine.place(DEMO_ACCOUNT, 'api', request).id);
  const regular = [place({ ...buy, type: 'market' }), place({ ...buy, type: 'limit', price: '50000' })];
  const conditional = [place({ ...buy, side: 'sell', type: 'stop_market', triggerPrice: '50000' })];
  const trade = simulator.engine.account(DEMO_ACCOUNT).trades.map(({ id }) => Number(id));
  await simulator.close();
  return { regular, conditional, trade };
}

describe('ids of orders and trades', () => {
  it('are the same in each new simulator, so that a test can name them', async () => {
    expect(await idsTaken(START)).toEqual(await idsTaken(START + 60 * SECOND));
  });

  it('never come again with uniqueIds, although nothing was kept', async () => {
    const taken = [];
    for (const seconds of [0, 1, 60, 86_400]) {
      taken.push(...Object.values(await idsTaken(START + seconds * SECOND, { uniqueIds: true })).flat());
    }
    expect(new Set(taken).size).toBe(taken.length);
  });

  it('go on where the state file has higher ones', async () => {
    const stateFile = join(folder, 'state.json');
    const first = await idsTaken(START, { uniqueIds: true, stateFile });
    // The clock was set back.
    const second = await idsTaken(START - 3_600 * SECOND, { uniqueIds: true, stateFile });
    for (const sequence of ['regular', 'conditional', 'trade']) {
      // The trades of before are still there.
      const fresh = (second[sequence] ?? []).filter((id) => first[sequence]?.includes(id) !== true);
      expect(Math.min(...fresh)).toBe(Math.max(...(first[sequence] ?? [])) + 1);
    }
  });

  it('stay apart by sequence, and exact as JSON numbers, for thirty years', () => {
    const [now, later] = [idsOfTime(START), idsOfTime(Date.parse('2056-01-01T00:00:00Z'))];
    expect(later.trade).toBeLessThan(now.conditional);
    expect(later.conditional).toBeLessThan(now.regular);
    expect(later.regular).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });
});
