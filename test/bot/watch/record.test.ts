import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  exportState,
  RecordFailed,
  RecordInUse,
  RecordUnreadable,
  watch,
  type Watched,
} from '../../../packages/bot/src/index.js';

const SYMBOL = 'BTC/USDT:USDT';

/** Market orders fill at once. */
class Exchange {
  id = 'stub';
  markets: object | null = { [SYMBOL]: { contractSize: 1 } };
  count = 0;

  sign(...request: unknown[]): object {
    return { request };
  }

  async createOrder(_symbol: string, type: string, _side: string, amount: number, _price?: number): Promise<object> {
    const id = String(++this.count);
    const request = { newClientOrderId: `c${id}` };
    this.sign('order', 'private', 'POST', request);
    const isFilled = type === 'market';
    return { id, clientOrderId: `c${id}`, status: isFilled ? 'closed' : 'open', filled: isFilled ? amount : 0 };
  }
}

describe('the record of a bot', () => {
  let folder: string;
  let path: string;
  const records: Watched[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plumbline-record-'));
    path = join(folder, 'record');
  });
  afterEach(async () => {
    for (const record of records.splice(0)) record.close();
    await rm(folder, { recursive: true });
  });
  function watched(exchange: object, options: Partial<Parameters<typeof watch>[1]> = {}): Watched {
    const record = watch(exchange, { record: path, ...options });
    records.push(record);
    return record;
  }

  it('has one writer, and is taken over from a process that has ended', () => {
    const first = watched(new Exchange());
    expect(() => watched(new Exchange())).toThrow(RecordInUse);
    first.close();
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(`${path}.lock`, `${ended} 1\n`);
    watched(new Exchange()).close();
    writeFileSync(`${path}.lock`, `${process.ppid}\n`);
    expect(() => watched(new Exchange())).toThrow(new RegExp(`process ${process.ppid} writes this record`));
  });

  it('refuses a damaged file, and ignores a last line that is cut', async () => {
    const exchange = new Exchange();
    const first = watched(exchange);
    await exchange.createOrder(SYMBOL, 'limit', 'buy', 1, 100);
    first.close();
    const lines = readFileSync(path, 'utf8');
    appendFileSync(path, '{"orders": [{"ref');
    const second = watched(new Exchange());
    expect(second.state().orders).toHaveLength(1);
    second.close();
    writeFileSync(path, lines.replace('\n', '\n{half\n'));
    expect(() => watched(new Exchange())).toThrow(RecordUnreadable);
    expect(() => watched(new Exchange())).toThrow(/line 2/);
    writeFileSync(path, lines);
    expect(() => watched(Object.assign(new Exchange(), { id: 'other' }))).toThrow(/give each bot its own file/);
  });

  it('keeps memory and file bounded', async () => {
    const exchange = new Exchange();
    const record = watched(exchange);
    for (let order = 0; order < 6_000; order += 1) await exchange.createOrder(SYMBOL, 'market', 'buy', 0.1);
    record.state();
    expect(statSync(path).size).toBeLessThan(2_000_000);
    expect(record.state().positions).toEqual([{ symbol: SYMBOL, amount: '600' }]);
    record.close();
    expect(watched(new Exchange()).state().positions).toEqual([{ symbol: SYMBOL, amount: '600' }]);
  });

  it('ends the export and not the bot if something cannot be recorded, until the positions are stated', async () => {
    const exchange = Object.assign(new Exchange(), { markets: null });
    const first = watched(exchange);
    expect(await exchange.createOrder(SYMBOL, 'market', 'buy', 1)).toMatchObject({ id: '1' });
    expect(() => first.state()).toThrow(/create_order could not be recorded.*load the markets/);
    first.close();
    const record = watched(new Exchange());
    await expect(record.export(join(folder, 'state.json'))).rejects.toBeInstanceOf(RecordFailed);
    record.correct({ [SYMBOL]: '1.0' });
    expect(record.state().positions).toEqual([{ symbol: SYMBOL, amount: '1' }]);
  });

  it('leaves the object as it was when it is closed', () => {
    const exchange = new Exchange();
    const record = watched(exchange, { record: null });
    expect(() => watched(exchange)).toThrow(/already watched/);
    record.close();
    expect(Object.keys(exchange)).toEqual(['id', 'markets', 'count']);
  });

  it.each([
    ['an amount that is none', { positions: { [SYMBOL]: 'much' } }],
    ['sides in one-way mode', { positions: { [SYMBOL]: { long: 1 } } }],
    ['a mode that is none', { positionMode: 'netting' as 'hedge' }],
  ])('refuses %s', (_, options) => {
    expect(() => watched(new Exchange(), options)).toThrow(TypeError);
    watched(new Exchange()).close();
  });
});

describe('the export of a state', () => {
  it('is whole, later each time, and in the order of the calls', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plumbline-export-'));
    const path = join(folder, 'state.json');
    const exports = Array.from({ length: 20 }, (_, index) => exportState({ positions: [], index }, path));
    const documents = await Promise.all(exports);
    const times = documents.map(({ as_of: asOf }) => Date.parse(asOf ?? ''));
    expect(times.every((time, index) => index === 0 || time > times[index - 1]!)).toBe(true);
    await expect(exportState({ positions: [{ amount: Number.NaN }] }, path)).rejects.toThrow(TypeError);
    await expect(exportState({}, join(folder, 'none', 'state.json'))).rejects.toThrow(/ENOENT/);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(documents.at(-1));
    expect(await readdir(folder)).toEqual(['state.json']);
    expect(statSync(path).mode & 0o777).toBe(0o644);
    await rm(folder, { recursive: true });
  });
});
