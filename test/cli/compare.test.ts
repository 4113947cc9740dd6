import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { plumbline } from './test-io.js';

const order = {
  id: '8389765',
  client_order_id: 'bot-17',
  symbol: 'BTC/USDT:USDT',
  side: 'buy',
  type: 'limit',
  price: '60000',
  trigger_price: null,
  amount: '0.010',
  filled: '0',
};
const position = { symbol: 'BTC/USDT:USDT', side: 'long', amount: '0.500' };
const base = {
  version: 1,
  as_of: '2026-11-22T15:00:00.000Z',
  position_mode: 'one-way',
  scopes: ['positions', 'orders'],
  positions: [position],
  orders: [order],
};

describe('plumbline compare', () => {
  let cwd: string;
  const write = async (name: string, document: unknown): Promise<string> => {
    await writeFile(join(cwd, name), typeof document === 'string' ? document : JSON.stringify(document));
    return name;
  };
  const compare = async (exchange: unknown, internal: unknown, ...options: string[]) =>
    plumbline(['compare', await write('exchange.json', exchange), await write('internal.json', internal), ...options], {
      cwd,
    });
  const compareJson = async (exchange: unknown, internal: unknown, ...options: string[]) => {
    const { code, out, err } = await compare(exchange, internal, '-o', 'json', ...options);
    return { code, err, answer: JSON.parse(out) as unknown };
  };

  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'plumbline-compare-'));
  });
  afterAll(async () => {
    await rm(cwd, { recursive: true });
  });

  it('answers matched with 0', async () => {
    expect(await compareJson(base, base)).toEqual({
      code: 0,
      err: '',
      answer: {
        outcome: 'matched',
        differences: [],
        coverage: { compared: ['orders', 'positions'], not_compared: [], complete: true, reasons: [] },
        ignored: {},
        rows_not_compared: { exchange: 0, internal: 0 },
      },
    });
  });

  it('answers drifted with 1 and every difference in the documented form', async () => {
    const exchange = { ...base, positions: [{ ...position, amount: '0.7' }], orders: [] };
    const { code, answer } = await compareJson(exchange, base);
    expect(code).toBe(1);
    expect(answer).toEqual({
      outcome: 'drifted',
      differences: [
        {
          type: 'POSITION_SIZE_CHANGED',
          symbol: 'BTC/USDT:USDT',
          side: null,
          order_id: null,
          client_order_id: null,
          exchange: { ...position, amount: '0.7' },
          internal: { ...position, amount: '0.500' },
          description: expect.stringContaining('0.7'),
          remedy: expect.stringContaining('0.2'),
        },
        {
          type: 'ORDER_MISSING_ON_EXCHANGE',
          symbol: 'BTC/USDT:USDT',
          side: null,
          order_id: '8389765',
          client_order_id: 'bot-17',
          exchange: null,
          internal: order,
          description: expect.stringContaining('8389765'),
          remedy: expect.stringMatching(/\w/),
        },
      ],
      coverage: { compared: ['orders', 'positions'], not_compared: [], complete: true, reasons: [] },
      ignored: {},
      rows_not_compared: { exchange: 0, internal: 0 },
    });
  });

  it("gives the key's side in hedge mode", async () => {
    const hedge = { ...base, position_mode: 'hedge' };
    const { answer } = await compareJson({ ...hedge, positions: [] }, hedge);
    expect(answer).toMatchObject({ differences: [{ type: 'POSITION_CLOSED_EXTERNALLY', side: 'long' }] });
  });

  it('reads numbers exactly as written', async () => {
    const exchange = JSON.stringify({ ...base, positions: [position] }).replace('"0.500"', '0.50000000000000000001');
    expect((await compareJson(exchange, base, '--tolerance', '*=0')).code).toBe(1);
    expect((await compareJson(exchange.replace('00000001', '00000000'), base, '--tolerance', '*=0')).code).toBe(0);
  });

  it('allows for half of the amount step that the exchange file names, or for --tolerance', async () => {
    const exchange = { ...base, positions: [{ ...position, amount: '0.5004' }] };
    expect((await compareJson(exchange, base)).code).toBe(1);
    expect((await compareJson({ ...exchange, markets: { 'BTC/USDT:USDT': '0.001' } }, base)).code).toBe(0);
    expect((await compareJson(exchange, base, '--tolerance', 'BTC/USDT:USDT=0.0004')).code).toBe(0);
    expect((await compareJson(exchange, base, '--tolerance', 'ETH/USDT:USDT=1')).code).toBe(1);
  });

  it('knows the names of currencies of every exchange, and those of --exchange', async () => {
    const held = (currency: string) => ({
      ...base,
      scopes: ['orders', 'balances'],
      balances: [{ currency, total: '5' }],
    });
    expect((await compareJson(held('USDT'), held('usdt'))).code).toBe(0);
    expect((await compareJson(held('LDUSDT'), held('USDT'))).code).toBe(1);
    expect((await compareJson(held('LDUSDT'), held('USDT'), '--exchange', 'binance')).code).toBe(0);
  });

  it('compares balances by default unless positions of contracts are compared', async () => {
    const row = (total: string) => ({ balances: [{ currency: 'USDT', total }] });
    const spot = (total: string) => ({ ...base, scopes: ['orders', 'balances'], ...row(total) });
    const margin = (total: string) => ({ ...base, scopes: [...base.scopes, 'balances'], ...row(total) });
    const difference = {
      type: 'BALANCE_CHANGED_EXTERNALLY',
      exchange: { currency: 'USDT', total: '1000.0' },
    };
    const drifted = { code: 1, answer: { differences: [difference] } };
    expect(await compareJson(spot('1000.0'), spot('999'))).toMatchObject(drifted);
    expect((await compareJson(spot('1000.0'), spot('999'), '--no-balances')).code).toBe(0);
    expect(await compareJson(margin('1000.0'), margin('999'), '--balances')).toMatchObject(drifted);
    expect(await compareJson(margin('1000.0'), margin('999'))).toMatchObject({
      code: 0,
      answer: { coverage: { not_compared: ['balances'] } },
    });
    expect((await compareJson(margin('1000.0'), margin('999'), '--no-balances')).code).toBe(0);
  });

  it('says what was not compared', async () => {
    const { code, answer } = await compareJson({ ...base, scopes: ['positions'], orders: undefined }, base);
    expect({ code, answer }).toMatchObject({
      code: 0,
      answer: {
        coverage: {
          compared: ['positions'],
          not_compared: ['orders'],
          reasons: [expect.stringContaining('the exchange side did not answer')],
        },
      },
    });
    const { out } = await compare({ ...base, scopes: ['positions'], orders: undefined }, base);
    expect(out).toMatch(/✓ matched[^]*not compared +orders: the exchange side did not answer/);
  });

  it('does not report agreement if nothing could be compared', async () => {
    const { code, answer } = await compareJson({ ...base, scopes: ['positions'] }, { ...base, scopes: ['orders'] });
    expect(code).toBe(2);
    expect(answer).toMatchObject({ outcome: 'failed', failure: { kind: 'incomplete' } });
  });

  it('reads one side from stdin', async () => {
    const file = await write('internal.json', base);
    const { code } = await plumbline(['compare', '-', file], { cwd, stdin: JSON.stringify(base) });
    expect(code).toBe(0);
    expect((await plumbline(['compare', '-', '-'], { cwd })).code).toBe(64);
  });

  it.each([
    ['no JSON', '{"version": 1,', 'internal.json'],
    ['a page', '<!doctype html><html></html>', 'HTML'],
    ['a wrong field', { ...base, as_of: 'noon' }, 'as_of'],
    ['a list that is missing', { ...base, orders: undefined }, 'orders'],
    ['another version', { ...base, version: 2 }, 'version'],
    ['nothing', '', 'internal.json'],
  ])('answers %s with 2, its place and what to do', async (_, internal, place) => {
    const { code, answer, err } = await compareJson(base, internal);
    expect(code).toBe(2);
    expect(answer).toMatchObject({ outcome: 'failed', failure: { remedy: expect.stringMatching(/\w/) } });
    expect(JSON.stringify(answer)).toContain(place);
    expect(err).toContain(place);
    expect(err).toContain('internal.json');
  });

  it('compares the rest of a file with a row that cannot be read, and names the row', async () => {
    const internal = { ...base, positions: [{ ...position, amount: 'much' }] };
    const { code, answer } = await compareJson(base, internal);
    expect(code).toBe(0);
    expect(answer).toMatchObject({ outcome: 'matched' });
    expect(JSON.stringify(answer)).toContain(`positions[0] (${position.symbol}) cannot be read: amount is \\"much\\"`);
  });

  it('answers a file that is not there with 2', async () => {
    const { code, out, err } = await plumbline(['compare', 'nowhere.json', 'nowhere.json'], { cwd });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('nowhere.json');
    expect(err).toContain('what to do: check the path');
  });

  it('shows a person each difference and its remedy', async () => {
    const { code, out, err } = await compare({ ...base, positions: [] }, base);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toMatch(
      /^✗ drifted {2}1 difference\n\nPOSITION_CLOSED_EXTERNALLY\n {2}BTC\/USDT:USDT: [^]*to fix it: /,
    );
  });
});
