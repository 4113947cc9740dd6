import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ChangeStream, type Follower } from '../../src/http/pages/change-stream.js';
import type { Standing } from '../../src/http/pages/verdict.js';

/** A stream whose ledger and followers are in the hands of the test. */
function setUp(limit = 10) {
  let listener: (accounts: readonly string[]) => void = () => {};
  const standings = new Map<string, Standing>([
    ['a', 'ok'],
    ['b', 'ok'],
  ]);
  const ledger = { ageMs: 100 as number | null, reads: 0, fails: false };
  const stream = new ChangeStream({
    news: { onNews: (each) => (listener = each), ageMs: () => ledger.ageMs },
    standings: async () => {
      ledger.reads += 1;
      if (ledger.fails) throw new Error('away');
      return new Map(standings);
    },
    limit,
    timing: { gatherMs: 10, beatMs: 1_000 },
  });
  const follow = (lastId: string | null, changes: Partial<Follower> = {}) => {
    const texts: string[] = [];
    const follower = {
      sees: () => true,
      mayStay: () => true,
      send: (text: string) => texts.push(text) > 0,
      end: jest.fn(),
      ...changes,
    };
    const isIn = stream.follow(follower, lastId);
    const events = (name: string) =>
      texts
        .join('')
        .split('\n\n')
        .filter((text) => text.includes(`event: ${name}`))
        .map((text) => ({
          id: /^id: (.*)$/m.exec(text)?.[1] ?? null,
          data: JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? 'null') as Record<string, unknown>,
        }));
    return { isIn, follower, events, texts };
  };
  return { stream, standings, ledger, follow, tell: (...accounts: string[]) => listener(accounts) };
}

describe('the stream of changes', () => {
  afterEach(() => void jest.useRealTimers());
  const pass = async (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  it('gathers changes, and says how each account stands and whether that is new', async () => {
    jest.useFakeTimers();
    const { follow, tell, standings, stream } = setUp();
    const { events } = follow(null);
    await pass(1_100);
    standings.set('a', 'drift');
    tell('a');
    tell('a', 'b');
    await pass(20);
    expect(events('accounts')).toMatchObject([
      {
        data: {
          accounts: [
            { account: 'a', verdict: 'drift', moved: true },
            { account: 'b', verdict: 'ok', moved: false },
          ],
        },
      },
    ]);
    stream.end();
  });

  it('reports a verdict that changed only because time passed', async () => {
    jest.useFakeTimers();
    const { follow, standings, stream } = setUp();
    const { events } = follow(null);
    await pass(1_100);
    standings.set('b', 'overdue');
    await pass(1_100);
    expect(events('accounts')).toMatchObject([
      { data: { accounts: [{ account: 'b', verdict: 'overdue', moved: true }] } },
    ]);
    stream.end();
  });

  it('repeats what a follower missed, and asks it to read everything if that is not known', async () => {
    jest.useFakeTimers();
    const { follow, tell, stream } = setUp();
    const stays = follow(null);
    await pass(1_100);
    const { place } = stream;
    tell('a');
    await pass(20);
    tell('b');
    await pass(20);
    const [first] = stays.events('accounts');
    expect(follow(place).events('accounts')).toHaveLength(2);
    expect(follow(first?.id ?? '').events('accounts')).toMatchObject([{ data: { accounts: [{ account: 'b' }] } }]);
    expect(follow(stream.place).events('reset')).toEqual([]);
    for (const unknown of ['another-1', 'x', `${place.split('-')[0]}-99`, `${place.split('-')[0]}-x`]) {
      expect([unknown, follow(unknown).events('reset').length]).toEqual([unknown, 1]);
    }
    stream.end();
  });

  it('does not lose what happened while nobody followed', async () => {
    jest.useFakeTimers();
    const { follow, tell, stream, ledger } = setUp();
    const { place } = stream;
    tell('a');
    await pass(5_000);
    expect(ledger.reads).toBe(0);
    expect(follow(place).events('reset')).toHaveLength(1);
    stream.end();
  });

  it('shows each follower only its own accounts', async () => {
    jest.useFakeTimers();
    const { follow, tell, stream } = setUp();
    const narrow = follow(null, { sees: (account) => account === 'b' });
    await pass(1_100);
    tell('a');
    await pass(20);
    expect(narrow.events('accounts')).toEqual([]);
    tell('a', 'b');
    await pass(20);
    expect(JSON.stringify(narrow.events('accounts'))).not.toContain('"a"');
    stream.end();
  });

  it('says in each heartbeat whether the ledger answers, and reports the changes once it answers again', async () => {
    jest.useFakeTimers();
    const { follow, tell, stream, ledger } = setUp();
    const { events } = follow(null);
    await pass(1_100);
    ledger.ageMs = 20_000;
    ledger.fails = true;
    tell('a');
    await pass(1_100);
    expect(events('beat').at(-1)).toMatchObject({ data: { ledger: false, age_ms: 20_000 } });
    ledger.ageMs = 10;
    ledger.fails = false;
    await pass(2_100);
    expect(events('beat').at(-1)).toMatchObject({ data: { ledger: true } });
    expect(events('accounts').at(-1)).toMatchObject({ data: { accounts: [{ account: 'a' }] } });
    stream.end();
  });

  it('has a limit, and ends followers that do not read, that may not stay, and all at its end', async () => {
    jest.useFakeTimers();
    const { follow, stream } = setUp(3);
    const slow = follow(null, { send: () => false });
    expect(slow.follower.end).toHaveBeenCalled();
    expect(stream.count).toBe(0);
    const over = follow(null, { mayStay: () => false });
    const [one, two] = [follow(null), follow(null)];
    expect(follow(null).isIn).toBe(false);
    await pass(1_100);
    expect(over.follower.end).toHaveBeenCalled();
    expect(stream.count).toBe(2);
    stream.leave(one.follower);
    stream.end();
    expect(two.follower.end).toHaveBeenCalled();
    expect(follow(null).isIn).toBe(false);
  });
});
