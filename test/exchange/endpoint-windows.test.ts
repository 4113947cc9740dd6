import { describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { EndpointWindows } from '../../src/exchange/budget/endpoint-windows.js';
import { DEMO_PASSPHRASE } from '../../packages/exchange-simulator/src/engine/credentials.js';
import { DEMO_CREDENTIALS } from '../../packages/exchange-simulator/src/simulator.js';
import { BTC, SOME_ORDER } from './simulated-accounts.js';
import { Simulated } from './simulated.js';

describe('the limit of one endpoint', () => {
  it('holds a request until a window after an answer, and other endpoints go on', async () => {
    const windows = new EndpointWindows({ windowMs: 50, requests: 2, byPath: { '/more': 3 } });
    const [first, second] = await Promise.all([windows.take('/one', undefined), windows.take('/one', undefined)]);
    let third: number | null = null;
    const waiting = windows.take('/one', undefined).then(() => (third = performance.now()));
    await Promise.all(Array.from({ length: 3 }, async () => windows.take('/more', undefined)));
    await setImmediate();
    expect(third).toBeNull();
    const answeredAt = performance.now();
    first();
    second();
    expect((await waiting) - answeredAt).toBeGreaterThanOrEqual(49);
  });

  it('is higher for an account that says so', async () => {
    const windows = new EndpointWindows({ windowMs: 60_000, requests: 2 }, 2.5);
    await Promise.all(Array.from({ length: 5 }, async () => windows.take('/one', undefined)));
    const caller = new AbortController();
    const waiting = windows.take('/one', caller.signal);
    caller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('is left by a request that gives up', async () => {
    const windows = new EndpointWindows({ windowMs: 1, requests: 1 });
    const end = await windows.take('/one', undefined);
    const caller = new AbortController();
    const waiting = windows.take('/one', caller.signal);
    caller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    end();
    await expect(windows.take('/one', undefined)).resolves.toBeInstanceOf(Function);
  });

  it('keeps the process alive while a request waits, and not longer', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const windows = new EndpointWindows({ windowMs: 20, requests: 1 });
    const end = await windows.take('/one', undefined);
    const before = timers();
    end();
    expect(timers()).toBe(before);
    const waiting = windows.take('/one', undefined);
    expect(timers()).toBe(before + 1);
    await waiting;
    expect(timers()).toBe(before);
  });

  it('is kept on OKX, whose answers report no use, by observations without a pause between them', async () => {
    const simulated = await Simulated.start('okx', {
      credentials: { ...DEMO_CREDENTIALS, password: DEMO_PASSPHRASE },
    });
    try {
      simulated.place({ ...SOME_ORDER, symbol: BTC });
      for (let observation = 0; observation < 4; observation += 1) {
        const { orders } = await simulated.reader.readState();
        expect(orders).toHaveLength(1);
      }
    } finally {
      await simulated.stop();
    }
  });
});
