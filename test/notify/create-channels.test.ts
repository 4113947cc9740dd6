import { describe, expect, it } from '@jest/globals';
import { createLogChannel } from '../../src/notify/channels/log.js';
import type { Channel } from '../../src/notify/channel.js';
import { createChannels } from '../../src/notify/channels/create-channels.js';
import { configsOf, deliver, failureOf, MESSAGE, partsOf, type Line } from './service.js';

describe('the channels', () => {
  it('are those of the configuration and the log, which needs none', () => {
    const named = (...fields: string[]): string[] =>
      createChannels(configsOf(...fields), partsOf({})).map(({ name, kind }) => `${name}: ${kind}`);
    expect(createChannels([], partsOf({})).map(({ name }) => name)).toEqual(['log']);
    expect(named('kind: slack, url_env: U', 'kind: discord, url_env: U')).toEqual([
      'log: log',
      'it: slack',
      'it2: discord',
    ]);
  });

  it('are created without their secrets, whose absence fails only their own messages', async () => {
    const lines: Line[] = [];
    const channels = createChannels(configsOf('kind: discord, url_env: UNSET_URL'), partsOf({}, lines));
    const [log, discord] = channels;
    if (log === undefined || discord === undefined) throw new Error('a channel is missing');
    expect(await failureOf(deliver(discord))).toEqual({
      kind: 'configuration',
      side: 'channel',
      message: 'notify.channels.it.url_env: UNSET_URL is not set',
      where: 'notify.channels.it.url_env',
      remedy: expect.stringContaining('set UNSET_URL in the environment'),
      retryAfterMs: null,
    });
    await deliver(log);
    expect(lines).toHaveLength(1);
  });
});

function logTo(lines: Line[]): Channel {
  const [log] = createChannels([], partsOf({}, lines));
  if (log === undefined) throw new Error('the log is missing');
  return log;
}

describe('the log', () => {
  it.each([
    ['called', 'error', 'A human is needed: '],
    ['reminder', 'error', 'A human is still needed: '],
    ['reason', 'error', 'A human is needed for another reason: '],
    ['acknowledged', 'info', 'A call was acknowledged: '],
    ['resolved', 'info', 'A call was resolved: '],
    ['test', 'info', 'A test of the channels: '],
  ] as const)('has one line for %s, of level %s', async (occasion, level, words) => {
    const lines: Line[] = [];
    expect(await deliver(logTo(lines), { occasion })).toEqual({
      id: null,
      thread: null,
    });
    expect(lines).toEqual([
      {
        level,
        message: words + MESSAGE.subject,
        fields: {
          account: 'main',
          occasion,
          severity: 'page',
          since: MESSAGE.since,
          text: MESSAGE.text,
          key: 'n-0001',
          thread: 't-main-17',
        },
      },
    ]);
  });

  it('names all accounts of a message', async () => {
    const lines: Line[] = [];
    const channel = logTo(lines);
    await deliver(channel, { accounts: ['a', 'b'], link: null });
    expect(lines[0]?.fields).toMatchObject({ accounts: ['a', 'b'] });
    expect(lines[0]?.fields).not.toHaveProperty('link');
  });

  it('has the line of interventions that began before channels existed', async () => {
    const lines: Line[] = [];
    const notify = createLogChannel(partsOf({}, lines).log);
    const reasons = [{ action: 'UNSETTLED', text: 'it keeps changing', at: MESSAGE.since }];
    const call = { account: 'main', exchange: 'okx', reasons };
    await notify({ ...call, count: 1 });
    await notify({ ...call, count: 3, reasons: [] });
    expect(lines).toEqual([
      {
        level: 'error',
        message: 'A human is needed: main on okx: it keeps changing',
        fields: { ...call, count: 1, acknowledge: 'plumbline acknowledge main --by NAME --note TEXT' },
      },
      expect.objectContaining({ message: 'A human is still needed (notification 3): main on okx: no reason given' }),
    ]);
  });
});
