import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../../../packages/exchange-simulator/src/simulator.js';
import { typescriptBot } from './real-bot.js';
import { playDay, WIRES } from './trading-day.js';

describe('a watched bot in TypeScript, with ccxt on the simulator', () => {
  let folder: string;
  let simulator: Simulator;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-watched-'));
    simulator = await startSimulator({ port: 0 });
  });
  afterAll(async () => {
    await simulator.close();
    await rm(folder, { recursive: true });
  });

  it.each(WIRES.map((wire) => [wire.exchange, wire] as const))(
    'writes what is true on %s, all day',
    async (_, wire) => {
      expect(await playDay(wire, { simulator, folder, start: typescriptBot })).toBeGreaterThan(9);
    },
  );
});
