import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { GateCache } from '../../src/http/gate-cache.js';
import { GateWaits } from '../../src/http/gate-waits.js';
import { createLogger } from '../../src/logging/logger.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import { NO_WATCH } from '../../src/watch/finding.js';
import { minutesAgo, NOW, ToldGates, totals } from './totals.js';

const caches: GateCache[] = [];

function cacheOf(gates: ToldGates, maxAgeMs?: number) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ name: 'serve', level: 'info', redactor: createRedactor(), destination, pretty: false });
  const cache = new GateCache({ ledger: gates, watch: NO_WATCH, log, ...(maxAgeMs !== undefined && { maxAgeMs }) });
  caches.push(cache);
  return { cache, lines };
}

afterEach(async () => {
  for (const cache of caches.splice(0)) await cache.close();
});

describe('the gates in memory', () => {
  it('are decided when they are asked for, by the database clock carried forward', () => {
    const gates = new ToldGates([totals()]);
    const { cache } = cacheOf(gates, 600_000);
    expect(cache.answer('main')).toMatchObject({ status: 200, document: { open: true } });
    // The last success was 5 minutes old when it was read, 88 minutes before; 90 are allowed.
    gates.tell([totals({ lastSuccessAt: minutesAgo(89), expectedAt: null })], false, 30_000);
    expect(cache.answer('main')).toMatchObject({ status: 200, document: { open: true } });
    gates.tell([totals({ lastSuccessAt: minutesAgo(89), expectedAt: null })], false, 61_000);
    expect(cache.answer('main')).toMatchObject({
      status: 423,
      document: { open: false, reasons: [expect.stringContaining('90 minutes old')] },
    });
    gates.tell([totals({ expectedAt: NOW })], false, 61_000);
    expect(cache.answer('main')).toMatchObject({
      status: 423,
      document: { reasons: [expect.stringMatching(/silent/)] },
    });
  });

  it('say how old they are', () => {
    const gates = new ToldGates([totals()]);
    const { cache } = cacheOf(gates);
    const began = performance.now();
    gates.tell([totals()], false, 4_200);
    const { ageMs, document } = cache.answer('main');
    expect(ageMs).toBeGreaterThanOrEqual(4_200);
    // Both clocks count, and each is rounded.
    expect(document.age_ms).toBeLessThanOrEqual(4_200 + (performance.now() - began) + 20);
    expect(document.as_of).toBe(NOW.toISOString());
  });

  it('close when they are older than the limit, whatever they said', () => {
    const gates = new ToldGates([totals()]);
    const { cache } = cacheOf(gates);
    gates.tell([totals()], true, 5_000);
    expect(cache.answer('main').status).toBe(200);
    gates.tell([totals()], true, 10_001);
    expect(cache.answer('main')).toMatchObject({
      status: 503,
      document: { open: false, reasons: [expect.stringContaining('too old')], as_of: NOW.toISOString() },
    });
    expect(cache.answer('unknown').status).toBe(503);
  });

  it('count the time that the machine slept, in which the monotonic clock stops', () => {
    const gates = new ToldGates([totals()]);
    const { cache } = cacheOf(gates);
    const now = Date.now;
    try {
      Date.now = () => now() + 3_600_000;
      expect(cache.answer('main')).toMatchObject({ status: 503, document: { open: false } });
    } finally {
      Date.now = now;
    }
    expect(cache.answer('main').status).toBe(200);
  });

  it('are closed for accounts that the ledger does not know, and for invalid names', () => {
    const { cache } = cacheOf(new ToldGates([totals()]));
    for (const name of ['mian', '', 'MAIN', 'a\0b', '__proto__', '../main', 'x'.repeat(64)]) {
      expect(cache.answer(name)).toMatchObject({ status: 404, document: { open: false } });
    }
  });

  it('forget an account that a complete read does not have', () => {
    const gates = new ToldGates([totals(), totals({ account: 'other' })]);
    const { cache } = cacheOf(gates);
    gates.tell([totals()], true);
    expect(cache.answer('other').status).toBe(404);
    expect(cache.accounts()).toEqual(['main']);
  });

  it('close when an acceptance ends, until the ledger was read again', () => {
    const gates = new ToldGates([totals()]);
    const { cache } = cacheOf(gates, 600_000);
    const end = new Date(NOW.getTime() + 60_000);
    const accepted = totals({ acceptedDiscrepancies: 1 });
    gates.tell([accepted], false, 30_000, end);
    expect(cache.answer('main')).toMatchObject({ status: 200, document: { accepted: 1 } });
    gates.tell([accepted], false, 60_001, end);
    expect(cache.answer('main')).toMatchObject({
      status: 423,
      document: { reasons: [expect.stringMatching(/ended/)] },
    });
    expect(gates.asked).toContain('main');
    gates.tell([totals({ blockingDiscrepancies: 1 })]);
    expect(cache.answer('main')).toMatchObject({ status: 423, document: { accepted: 0 } });
  });

  it('have a tag over what a bot acts on, and not over ages', () => {
    const gates = new ToldGates([totals()]);
    const { cache } = cacheOf(gates, 600_000);
    const tagOf = (changes: Parameters<typeof totals>[0], agoMs = 0): string => {
      gates.tell([totals(changes)], false, agoMs);
      return cache.answer('main').tag;
    };
    const open = tagOf({});
    expect(open).toMatch(/^W\/"[\w-]{22}"$/);
    expect(tagOf({}, 30_000)).toBe(open);
    expect(tagOf({ lastSuccessAt: minutesAgo(1), successTotal: 13 })).toBe(open);
    const others = [
      tagOf({ acceptedDiscrepancies: 1 }),
      tagOf({ acceptedDiscrepancies: 2 }),
      tagOf({ blockingDiscrepancies: 1 }),
      tagOf({ blockingDiscrepancies: 2 }),
      tagOf({ openInterventions: 1 }),
      tagOf({ active: false }),
      tagOf({ lastSuccessAt: null }),
      tagOf({ lastSuccessAt: minutesAgo(100) }),
    ];
    expect(new Set([open, ...others]).size).toBe(others.length + 1);
    // The text of the reason counts minutes.
    expect(tagOf({ lastSuccessAt: minutesAgo(100) }, 120_000)).toBe(others.at(-1));
  });

  it('report once that they cannot be read, and once that they can again', () => {
    const gates = new ToldGates([totals()]);
    const { cache, lines } = cacheOf(gates);
    for (let time = 0; time < 3; time++) gates.fail(new Error('connection refused'));
    expect(cache.answer('main').status).toBe(200);
    gates.tell([totals()], true);
    gates.tell([totals()], true);
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'The trading gates cannot be read; the last answer counts for 10 s',
      'The trading gates are read again',
    ]);
  });
});

describe('waiting for a change', () => {
  let gates: ToldGates;
  let waits: GateWaits;
  let tag: string;
  const never = new AbortController().signal;

  beforeEach(() => {
    gates = new ToldGates([totals(), totals({ account: 'other' })]);
    // Old answers count, so that only the tested reason closes a gate.
    const { cache } = cacheOf(gates, 600_000);
    waits = new GateWaits(cache, 3);
    ({ tag } = cache.answer('main'));
  });

  it('ends when the gate changes, and not when another does or nothing changes', async () => {
    let ended: string | null = null;
    const waiting = waits.wait('main', tag, 10_000, never).then((end) => (ended = end));
    gates.tell([totals({ account: 'other', openInterventions: 1 })]);
    gates.tell([totals({ lastSuccessAt: minutesAgo(1) })]);
    gates.tell([totals(), totals({ account: 'other' })], true);
    await delay(20);
    expect(ended).toBeNull();
    gates.tell([totals({ openInterventions: 1 })]);
    expect(await waiting).toBe('changed');
    expect(waits.count).toBe(0);
  });

  it('ends when the gate closes because time passed', async () => {
    gates.tell([totals({ expectedAt: NOW })], false, 59_500);
    expect(await waits.wait('main', tag, 20_000, never)).toBe('changed');
  });

  it('ends when the time is over', async () => {
    expect(await waits.wait('main', tag, 20, never)).toBe('time is over');
    expect(waits.count).toBe(0);
  });

  it('ends when the client disconnects', async () => {
    const gone = new AbortController();
    const waiting = waits.wait('main', tag, 10_000, gone.signal);
    expect(waits.count).toBe(1);
    gone.abort();
    expect(await waiting).toBe('gone');
    expect(waits.count).toBe(0);
    expect(await waits.wait('main', tag, 10_000, gone.signal)).toBe('gone');
  });

  it('is refused beyond the limit, and possible again when others have ended', async () => {
    const waiting = Array.from({ length: 3 }, async () => waits.wait('main', tag, 10_000, never));
    expect(await waits.wait('other', tag, 10_000, never)).toBe('too many');
    gates.tell([totals({ openInterventions: 1 })]);
    expect(await Promise.all(waiting)).toEqual(['changed', 'changed', 'changed']);
    expect(await waits.wait('main', tag, 5, never)).toBe('time is over');
  });

  it('ends for all when the process does, and is not possible afterwards', async () => {
    const waiting = [waits.wait('main', tag, 10_000, never), waits.wait('other', tag, 10_000, never)];
    waits.end();
    expect(await Promise.all(waiting)).toEqual(['ending', 'ending']);
    expect(await waits.wait('main', tag, 10_000, never)).toBe('ending');
  });
});
