import { afterEach, describe, expect, it } from '@jest/globals';
import { startTelegramUpdates, type TelegramAct } from '../../src/notify/channels/telegram-updates.js';
import { Listening } from '../support/listening.js';
import { configsOf, jsonOf, partsOf, type Answer, type Line } from './service.js';
import { TelegramBot } from './telegram-bot.js';

// https://core.telegram.org/bots/api#getupdates, #callbackquery, #answercallbackquery

const servers = new Listening();
const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (one) => one.close()));
  await servers.end();
});

const CHAT = -1001234567890;
const FIELDS = `kind: telegram, token_env: T, chat_id: ${CHAT}, acknowledge_by: { 4711: anna, 42: ben }`;

interface Started {
  bot: TelegramBot;
  acts: TelegramAct[];
  lines: Line[];
  waits: number[];
}

async function start(
  options: {
    fields?: string[];
    acknowledge?: (act: TelegramAct) => Promise<string>;
    fault?: (poll: number) => Answer | null;
  } = {},
): Promise<Started> {
  const bot = await TelegramBot.start(servers, options.fault);
  const acts: TelegramAct[] = [];
  const lines: Line[] = [];
  const waits: number[] = [];
  const configs = configsOf(...(options.fields ?? [FIELDS]).map((fields) => `${fields}, base_url: "${bot.url}"`));
  const updates = startTelegramUpdates({
    configs,
    parts: partsOf({ T: bot.token }, lines),
    acknowledge: async (act) => {
      acts.push(act);
      return options.acknowledge === undefined ? 'gate: CLOSED, 1 discrepancy is open' : options.acknowledge(act);
    },
    wait: async (milliseconds, signal) => {
      waits.push(milliseconds);
      await new Promise((resolve) => setTimeout(resolve, signal.aborted ? 0 : 5));
    },
  });
  running.push(updates);
  return { bot, acts, lines, waits };
}

describe('the button of a Telegram message', () => {
  it('acknowledges in the name that the configuration gives the person, and shows what is true now', async () => {
    const { bot, acts } = await start();
    bot.press({ from: 4711, data: 'ack:t-main-17' });
    expect(await bot.answered(1)).toEqual([
      { callback_query_id: 'q1', text: 'gate: CLOSED, 1 discrepancy is open', show_alert: false },
    ]);
    expect(acts).toEqual([{ thread: 't-main-17', receipt: '77', by: 'anna', channel: 'it', others: [] }]);
    expect(bot.polls[0]).toMatchObject({ timeout: 50, limit: 100, allowed_updates: ['callback_query'] });
    expect(bot.polls[0]).not.toHaveProperty('offset');
  });

  it('does everything once and in order, and confirms it with the next request', async () => {
    const { bot, acts } = await start();
    for (const thread of ['a', 'b', 'c']) bot.press({ from: 42, data: `ack:${thread}` });
    await bot.answered(3);
    bot.press({ from: 42, data: 'ack:d' });
    await bot.answered(4);
    expect(acts.map(({ thread }) => thread)).toEqual(['a', 'b', 'c', 'd']);
    expect(bot.polls.at(-1)?.['offset']).toBeGreaterThan(1);
  });

  it('is not pressed twice because a confirmation was lost', async () => {
    const { bot, acts } = await start();
    bot.repeats = 3;
    bot.press({ from: 42, data: 'ack:a' });
    bot.press({ from: 42, data: 'ack:b' });
    await bot.answered(2);
    bot.press({ from: 42, data: 'ack:c' });
    await bot.answered(3);
    expect(acts.map(({ thread }) => thread)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['a person who is not named', { from: 666, data: 'ack:x' }, /not among those .* 666\)/],
    ['a person in another chat', { from: 4711, data: 'ack:x', chat: -5 }, /not among those/],
    ['a person whose id is a property of every object', { from: 'constructor', data: 'ack:x' }, /not among those/],
    ['other data', { from: 4711, data: 'open:x' }, /not known/],
    ['a thread that is none', { from: 4711, data: 'ack:../../x' }, /not known/],
    ['a thread that is too long', { from: 4711, data: `ack:${'x'.repeat(61)}` }, /not known/],
    ['no data', { from: 4711, data: undefined }, /not known/],
  ])('does nothing for %s, and says so', async (_, press, text) => {
    const { bot, acts } = await start();
    bot.press(press);
    expect(await bot.answered(1)).toEqual([
      { callback_query_id: 'q1', text: expect.stringMatching(text), show_alert: true },
    ]);
    expect(acts).toEqual([]);
  });

  it('says that it failed, without secrets, and the next press counts', async () => {
    let failures = 1;
    const { bot, acts, lines } = await start({
      acknowledge: async () => {
        if (failures-- > 0) throw new Error(`no connection ${'x'.repeat(300)}`);
        return 'acknowledged';
      },
    });
    bot.press({ from: 4711, data: 'ack:a' });
    bot.press({ from: 4711, data: 'ack:a' });
    const [first, second] = await bot.answered(2);
    expect(first).toMatchObject({
      show_alert: true,
      text: expect.stringMatching(/^Not acknowledged, try again: no con/),
    });
    expect(String(first?.['text']).length).toBeLessThanOrEqual(200);
    expect(second).toMatchObject({ text: 'acknowledged', show_alert: false });
    expect(acts).toHaveLength(2);
    expect(lines).toEqual([expect.objectContaining({ level: 'warn', message: 'A Telegram button failed' })]);
  });

  it('stays done if its answer comes too late', async () => {
    const { bot, acts, lines } = await start();
    bot.refuseAnswers = true;
    bot.press({ from: 4711, data: 'ack:a' });
    bot.press({ from: 4711, data: 'ack:b' });
    await bot.answered(2);
    expect(acts.map(({ thread }) => thread)).toEqual(['a', 'b']);
    expect(lines[0]).toMatchObject({ message: 'A Telegram button was not answered' });
    expect(JSON.stringify(lines)).not.toContain(bot.token.split(':')[1]);
  });
});

describe('reading the buttons', () => {
  it('ignores updates that are not presses', async () => {
    const { bot, acts } = await start();
    for (const update of [
      null,
      7,
      {},
      { update_id: 'x' },
      { update_id: 900 },
      { update_id: 901, callback_query: {} },
    ]) {
      bot.add(update);
    }
    bot.press({ from: 4711, data: 'ack:a', update: 902 });
    await bot.answered(1);
    expect(acts).toHaveLength(1);
  });

  it('waits longer with each failure, as long as it is asked to, and goes on', async () => {
    const faults: Answer[] = [
      { status: 502, body: 'Bad Gateway' },
      { status: 502, body: 'Bad Gateway' },
      {
        status: 429,
        body: { ok: false, error_code: 429, description: 'Too Many Requests', parameters: { retry_after: 35 } },
      },
      { body: '<html>' },
    ];
    const { bot, waits, lines, acts } = await start({ fault: (poll) => faults[poll - 1] ?? null });
    bot.press({ from: 4711, data: 'ack:a' });
    await bot.answered(1);
    expect(waits).toEqual([1_000, 2_000, 35_000, 8_000]);
    // The same failure is reported once.
    expect(lines.map(({ message }) => message)).toEqual([
      expect.stringMatching(/not read: Telegram .* HTTP 502/),
      expect.stringMatching(/HTTP 429/),
      expect.stringMatching(/HTTP 200: <html>/),
    ]);
    expect(acts).toHaveLength(1);
  });

  it('waits for minutes if only a person can fix it', async () => {
    const refused = { status: 401, body: { ok: false, error_code: 401, description: 'Unauthorized' } };
    const { bot, waits, lines } = await start({ fault: (poll) => (poll === 1 ? refused : null) });
    bot.press({ from: 4711, data: 'ack:a' });
    await bot.answered(1);
    expect(waits).toEqual([300_000]);
    expect(lines[0]).toMatchObject({
      level: 'warn',
      fields: { channel: 'it', failure: { kind: 'authentication', where: 'notify.channels.it.token_env' } },
    });
  });

  it('lets another worker poll, and reports the conflict once', async () => {
    const conflict = {
      status: 409,
      body: { ok: false, error_code: 409, description: 'Conflict: terminated by other getUpdates request' },
    };
    const { bot, waits, lines } = await start({ fault: (poll) => (poll === 1 || poll === 3 ? conflict : null) });
    bot.press({ from: 4711, data: 'ack:a' });
    await bot.answered(1);
    bot.press({ from: 4711, data: 'ack:b' });
    await bot.answered(2);
    expect(waits.length).toBeGreaterThanOrEqual(1);
    expect(new Set(waits)).toEqual(new Set([60_000]));
    expect(lines).toHaveLength(1);
  });

  it('asks once for channels of one bot, and not at all if nobody may acknowledge', async () => {
    const other = 'kind: telegram, token_env: T, chat_id: "@Ops_Chat", acknowledge_by: { 7: carla }';
    const none = 'kind: telegram, token_env: T, chat_id: 5';
    const { bot, acts } = await start({ fields: [FIELDS, other, none] });
    bot.press({ from: 7, data: 'ack:a', chat: -77, username: 'ops_chat' });
    bot.press({ from: 7, data: 'ack:a' });
    const [, second] = await bot.answered(2);
    expect(acts).toEqual([{ thread: 'a', receipt: '77', by: 'carla', channel: 'it2', others: [] }]);
    // Carla may acknowledge in her own chat only.
    expect(second).toMatchObject({ text: expect.stringContaining('not among those') });
    expect(bot.mostAtOnce).toBe(1);
    expect((await start({ fields: [none] })).bot.polls).toEqual([]);
  });

  it('names every channel of the chat that gives the person the same name', async () => {
    const alike = `kind: telegram, token_env: T, chat_id: ${CHAT}, acknowledge_by: { 4711: anna }`;
    const otherwise = `kind: telegram, token_env: T, chat_id: ${CHAT}, acknowledge_by: { 4711: root, 42: ben }`;
    const { bot, acts } = await start({ fields: [FIELDS, alike, otherwise] });
    bot.press({ from: 4711, data: 'ack:a' });
    await bot.answered(1);
    expect(acts).toMatchObject([{ by: 'anna', channel: 'it', others: ['it2'] }]);
  });

  it('ends at once, in the middle of a poll', async () => {
    const { bot } = await start();
    await bot.polling();
    const began = performance.now();
    await Promise.all(running.splice(0).map(async (one) => one.close()));
    // The poll itself lasts 50 s.
    expect(performance.now() - began).toBeLessThan(30_000);
  });
});

describe('the test bot', () => {
  it('is asked with JSON', async () => {
    const { bot } = await start();
    await bot.polling();
    expect(bot.requests[0]).toMatchObject({ method: 'POST', path: `/bot${bot.token}/getUpdates` });
    expect(bot.requests[0] && jsonOf(bot.requests[0])).toMatchObject({ timeout: 50 });
  });
});
