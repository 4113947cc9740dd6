import { describe, expect, it } from '@jest/globals';
import { createLogger, type Logger, type LoggerOptions } from '../../src/logging/logger.js';
import { createRedactor } from '../../src/redaction/redactor.js';

const SECRET = 'p@ss"w\\ord/1';
const PEM_LINE = 'MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY1yAoAoGCCqGSM49';

function logged(log: (logger: Logger) => void, options: Partial<LoggerOptions> = {}): string[] {
  const lines: string[] = [];
  const redactor = createRedactor([SECRET, `-----BEGIN KEY-----\n${PEM_LINE}\n-----END KEY-----`]);
  const destination = { write: (line: string) => lines.push(line) };
  log(createLogger({ name: 'worker', level: 'info', redactor, destination, pretty: false, ...options }));
  return lines;
}

describe('a log line', () => {
  it('is JSON with an ISO time, a level by name and who speaks', () => {
    const [line = ''] = logged((logger) => logger.info({ account: 'main', n: 1 }, 'Run %s ended', 7));
    expect(line.endsWith('\n')).toBe(true);
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      name: 'worker',
      account: 'main',
      n: 1,
      msg: 'Run 7 ended',
    });
  });

  it('below the level is not written', () => {
    expect(logged((logger) => logger.debug('no'))).toEqual([]);
    expect(logged((logger) => logger.fatal('no'), { level: 'silent' })).toEqual([]);
  });

  it.each<[string, (logger: Logger) => void]>([
    ['the message', (logger) => logger.info(`it was ${SECRET}`)],
    ['an argument', (logger) => logger.info('it was %s and %j', SECRET, { a: SECRET })],
    ['a field', (logger) => logger.info({ deep: [{ er: SECRET }] }, 'x')],
    ["a field's name", (logger) => logger.info({ [SECRET]: 1 }, 'x')],
    ['an error', (logger) => logger.error(new Error(`bad ${SECRET}`))],
    ['a cause', (logger) => logger.error({ err: new Error('outer', { cause: new Error(SECRET) }) }, 'x')],
    [
      'an error under another name',
      (logger) => logger.error({ error: new Error(SECRET), list: [new Error(SECRET)] }, 'x'),
    ],
    ["a child's fields", (logger) => logger.child({ account: SECRET }).info('x')],
    ["a child's serializer", (logger) => logger.child({}, { serializers: { a: () => SECRET } }).info({ a: 1 }, 'x')],
    ['what toJSON gives', (logger) => logger.info({ a: { toJSON: () => ({ b: SECRET }) } }, 'x')],
    ['an address', (logger) => logger.info(`https://x/?q=${encodeURIComponent(SECRET)}`)],
    ['JSON in a text', (logger) => logger.info(JSON.stringify({ a: JSON.stringify({ a: SECRET }) }))],
    ['base64', (logger) => logger.info(Buffer.from(`user:${SECRET}`).toString('base64'))],
    [
      'a key of several lines',
      (logger) => logger.info({ a: `-----BEGIN KEY-----\n${PEM_LINE}\n-----END KEY-----` }, PEM_LINE),
    ],
  ])('does not report a secret in %s, and stays JSON', (_, log) => {
    const [json, people] = [false, true].map((pretty) => logged(log, { pretty }).join(''));
    for (const text of [json, people]) {
      expect(text).toContain('[redacted]');
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(JSON.stringify(SECRET).slice(1, -1));
      expect(text).not.toContain(encodeURIComponent(SECRET));
      expect(text).not.toContain(PEM_LINE);
    }
    const lines = (json ?? '').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([expect.objectContaining({ name: 'worker' })]);
  });

  it('does not report what a field names as a credential, known or not', () => {
    const [line = ''] = logged((logger) =>
      logger.info({ headers: { 'X-MBX-APIKEY': 'abc' }, apiKey: 'abc', uid: 'u' }, 'x'),
    );
    expect(JSON.parse(line)).toMatchObject({
      headers: { 'X-MBX-APIKEY': '[redacted]' },
      apiKey: '[redacted]',
      uid: 'u',
    });
  });

  it('survives what cannot be JSON', () => {
    const cyclic: Record<string, unknown> = { big: 1n };
    cyclic['self'] = cyclic;
    const [line = ''] = logged((logger) => logger.info(cyclic, 'x'));
    expect(JSON.parse(line)).toMatchObject({ big: '1', self: '[circular]', msg: 'x' });
  });
});

describe('a line for people', () => {
  it('is one line with time, level, name, message and fields', () => {
    const [line] = logged((logger) => logger.warn({ account: 'main', why: 'two words', list: [1] }, 'Careful'), {
      pretty: true,
    });
    expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN  worker: Careful  account=main  why="two words"  list=\[1\]\n$/);
  });

  it("shows an error's stack and cause indented below", () => {
    const error = new Error('outer', { cause: new Error('inner') });
    const [line] = logged((logger) => logger.error(error, 'Failed'), { pretty: true });
    expect(line).toMatch(/ERROR worker: Failed\n {4}Error: outer\n {4} +at /);
    expect(line).toMatch(/\n {4}caused by\n {4}Error: inner\n/);
  });

  it('cannot move the cursor', () => {
    const [line] = logged((logger) => logger.info({ a: '\u001b]0;x\u0007' }, '\u001b[2J\r\u202e gone'), {
      pretty: true,
    });
    for (const control of ['\u001b', '\u0007', '\r', '\u202e']) expect(line).not.toContain(control);
    expect(line).toContain('\\u001b[2J\\u000d\\u202e gone');
  });

  it('has colours if they are requested', () => {
    const write = (logger: Logger): void => logger.error('x');
    expect(logged(write, { pretty: true, colors: true })[0]).toContain('\u001b[31mERROR');
    expect(logged(write, { pretty: true, colors: false })[0]).not.toContain('\u001b');
  });
});
