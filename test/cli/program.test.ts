import { describe, expect, it } from '@jest/globals';
import { CATALOGUE } from '../../src/cli/catalogue.js';
import { plumbline } from './test-io.js';

describe('the command line', () => {
  it('lists every command in its help', async () => {
    const { code, out } = await plumbline(['--help']);
    expect(code).toBe(0);
    for (const { name } of CATALOGUE) expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(out).toMatch(/^ {2}dev /m);
    expect(out).toContain(
      'Exit codes: 0 done or matched, 1 drifted or not ready, 2 could not be done or was inconclusive, 64 wrong usage.',
    );
  });

  it.each(CATALOGUE.map(({ name }) => name))('explains `%s` with --help', async (name) => {
    const { code, out, err } = await plumbline([name, '--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`Usage: plumbline ${name}`);
  });

  it('prints its version', async () => {
    const { code, out } = await plumbline(['--version']);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    ['no command', [], /Usage: plumbline/],
    ['an unknown command', ['stauts'], /unknown command 'stauts'[^]*Did you mean status\?/],
    ['an option of an earlier version', ['dev', '--no-story'], /`--no-story` is called `--no-scenario` now/],
    [
      'a command of an earlier version',
      ['look', 'main', '--deadline', '5s'],
      /`plumbline look` is called `plumbline diff` now/,
    ],
    [
      'an unknown option',
      ['compare', '--outputt', 'json', 'a', 'b'],
      /unknown option '--outputt'[^]*Did you mean --output\?/,
    ],
    ['a missing argument', ['compare', 'a.json'], /missing required argument 'internal'/],
    ['too many arguments', ['compare', 'a', 'b', 'c'], /too many arguments/],
    ['a wrong choice', ['compare', 'a', 'b', '-o', 'yaml'], /Allowed choices are text, json/],
    ['a wrong number', ['runs', 'main', '-n', 'all'], /whole number from 1 to 1000/],
    ['a wrong tolerance', ['compare', 'a', 'b', '--tolerance', 'BTC'], /like BTC\/USDT:USDT=0.0005/],
    ['a missing reason', ['pause', 'main'], /--reason/],
    ['a missing note', ['acknowledge', 'main'], /--note/],
    ['an empty build', ['versions', 'promote', ''], /A build has letters/],
    ['a build that no worker can have', ['versions', 'promote', 'a b'], /A build has letters/],
    ['an empty name', ['resume', 'main', '--by', ' '], /--by must not be empty/],
    ['a snooze without an end', ['snooze', 'main', '--note', 'x'], /--for 2h or --until/],
    [
      'a snooze into the past',
      ['snooze', 'main', '--note', 'x', '--until', '2020-01-01T00:00:00Z'],
      /not in the future/,
    ],
    [
      'two ends of a snooze',
      ['snooze', 'main', '--note', 'x', '--for', '2h', '--until', '2040-01-01'],
      /cannot be used with/,
    ],
  ])('refuses %s with 64 and says what is wrong', async (_, argv, message) => {
    const { code, out, err } = await plumbline(argv);
    expect(code).toBe(64);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });

  it('answers a usage error with JSON if the command line asks for it', async () => {
    const { code, out } = await plumbline(['runs', '--output=json']);
    expect(code).toBe(64);
    const message = "missing required argument 'account'";
    expect(JSON.parse(out)).toEqual({ error: { kind: 'usage', message, where: null, remedy: 'see --help' } });
  });

  it.each([...CATALOGUE.map(({ name }) => name), 'dev', 'completion'])(
    '`%s` answers a usage error with one JSON document',
    async (name) => {
      const { code, out } = await plumbline([name, '--nosuch', '-o', 'json']);
      expect(code).toBe(64);
      const document = JSON.parse(out) as { outcome?: string; error?: unknown; failure?: unknown };
      const isJudge = ['compare', 'diff', 'run'].includes(name);
      expect(document.outcome).toBe(isJudge ? 'failed' : undefined);
      expect(isJudge ? document.failure : document.error).toMatchObject({ kind: 'usage', remedy: 'see --help' });
    },
  );

  it('says what to do when there is no configuration', async () => {
    const { code, out, err } = await plumbline(['runs', 'main', '--config', '/nonexistent/plumbline.yaml']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('/nonexistent/plumbline.yaml');
    expect(err).toContain('what to do:');
  });

  it('reports an error to programs as one JSON document', async () => {
    const { code, out } = await plumbline(['runs', 'main', '-o', 'json', '--config', '/nonexistent/plumbline.yaml']);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { kind: 'configuration', remedy: expect.stringMatching(/\w/) } });
  });
});
