import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { array, assert, constantFrom, property, string } from 'fast-check';
import { createRedactor, REDACTED } from '../../src/redaction/redactor.js';

const PEM = [
  '-----BEGIN EC PRIVATE KEY-----',
  'MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY1yAoAoGCCqGSM49',
  'AwEHoUQDQgAEPR3tU2Fta9ktY+6P9G0cWO+0kETA6SFs38GecTyudlHz6xvCdz8q',
  'EKTcWGekdmdDPsHloRNtsiCa697B2O9IFA==',
  '-----END EC PRIVATE KEY-----',
].join('\n');

/** Ways in which a program writes a secret into a text, each with the parts of the secret that must not be readable. */
const WRITINGS: [string, (secret: string) => string][] = [
  ['as it is', (secret) => `failed with ${secret}!`],
  ['percent-encoded', (secret) => `https://x/?a=${encodeURIComponent(secret)}&b=1`],
  ['percent-encoded to the last byte', (secret) => Buffer.from(secret).toString('hex').replaceAll(/../g, '%$&')],
  ['percent-encoded twice', (secret) => `/cb?u=${encodeURIComponent(encodeURIComponent(secret))}`],
  [
    'percent-encoded in part',
    (secret) =>
      charactersOf(secret)
        .map((c, i) => (i % 3 === 0 ? percent(c) : c))
        .join(''),
  ],
  ['as a form', (secret) => new URLSearchParams({ q: secret }).toString()],
  ['as JSON', (secret) => JSON.stringify({ q: secret })],
  ['as JSON in JSON', (secret) => JSON.stringify({ q: JSON.stringify({ q: secret }) })],
  ['as JSON in JSON in a URL', (secret) => `?x=${encodeURIComponent(JSON.stringify(JSON.stringify([secret])))}`],
  [
    'with unicode escapes',
    (secret) =>
      charactersOf(secret)
        .map((c) => (c.length === 1 ? unicode(c) : c))
        .join(''),
  ],
  ['inspected', (secret) => inspect({ q: secret }, { maxStringLength: null })],
  ['as HTML', (secret) => secret.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')],
  ['in base64', (secret) => `v=${Buffer.from(secret).toString('base64')};`],
  ['in base64 for URLs', (secret) => `v=${Buffer.from(secret).toString('base64url')};`],
  ['in a basic token', (secret) => Buffer.from(`user:${secret}`).toString('base64')],
  ['in a basic token with a longer name', (secret) => Buffer.from(`a-user:${secret}`).toString('base64')],
  ['in the middle of base64', (secret) => Buffer.from(`{"k":"${secret}","z":1}`).toString('base64')],
  ['as JSON in base64', (secret) => Buffer.from(JSON.stringify({ k: secret, z: 1 })).toString('base64')],
  ['as a query in base64', (secret) => Buffer.from(`a=1&k=${encodeURIComponent(secret)}&z=1`).toString('base64')],
  ['in base64 in a URL', (secret) => encodeURIComponent(Buffer.from(`k:${secret}`).toString('base64'))],
  ['in hexadecimal', (secret) => `0x${Buffer.from(secret).toString('hex')}`],
  ['as a list of bytes', (secret) => JSON.stringify(Buffer.from(secret))],
  ['twice', (secret) => `${secret}${secret}`],
];

const SECRETS: [string, string][] = [
  ['plain', 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A'],
  ['with characters of regular expressions', 'a.*b+c?d(e)[f]{2}^g$h|i\\j'],
  ['with reserved characters of URLs', 'p@ss/w:rd?a=1&b=2#c %41+x'],
  ['with quotes and backslashes', `say "no" 'to' \\n \\"it\\" <b>&amp;`],
  ['in base64 itself', 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ/+8='],
  ['beyond ASCII', 'pässwörd-日本-🔑-тест'],
  ['a short one', 'k3y$9x'],
];

describe('a planted secret', () => {
  for (const [kind, secret] of SECRETS) {
    it.each(WRITINGS)(`${kind} does not survive %s`, (_, write) => {
      const redactor = createRedactor([secret]);
      const redacted = redactor.text(write(secret));
      expect(redacted).toContain(REDACTED);
      expect(leaks(redacted, secret)).toEqual([]);
      expect(redactor.text(redacted)).toBe(redacted);
    });
  }

  it.each(WRITINGS)('of several lines does not survive %s', (_, write) => {
    const redacted = createRedactor([PEM]).text(write(PEM));
    for (const line of PEM.split('\n').slice(1, -1)) expect(leaks(redacted, line)).toEqual([]);
  });

  it('of several lines does not survive line by line, indented or joined', () => {
    const redactor = createRedactor([PEM]);
    const lines = PEM.split('\n').slice(1, -1);
    for (const line of lines) expect(redactor.text(`  at ${line} there`)).toBe(`  at ${REDACTED} there`);
    const joined = redactor.text(`key ${lines.join('')} end`);
    expect(joined).toBe(`key ${REDACTED} end`);
    expect(
      redactor.text(lines.map((line) => `    ${line.slice(0, 30)}\n    ${line.slice(30)}`).join('\n')),
    ).not.toMatch(/[A-Za-z0-9+/]{12}/);
  });

  it('does not survive being cut off at the end of a text', () => {
    const secret = SECRETS[0]?.[1] ?? '';
    const redactor = createRedactor([secret]);
    for (const length of [8, 20, 63]) {
      expect(redactor.text(`body: ${secret.slice(0, length)}`)).toBe(`body: ${REDACTED}`);
      expect(redactor.text(`body: "${secret.slice(0, length)}..." and more`)).toBe(`body: "${REDACTED}..." and more`);
    }
  });

  it('does not survive being cut off at its beginning', () => {
    const secret = SECRETS[0]?.[1] ?? '';
    const redactor = createRedactor([secret]);
    for (const length of [8, 20, 63]) {
      expect(redactor.text(`${secret.slice(-length)} said the log`)).toBe(`${REDACTED} said the log`);
      expect(redactor.text(`log: ...${secret.slice(-length)} and`)).toBe(`log: ...${REDACTED} and`);
    }
    expect(redactor.text(`a whole word ${secret.slice(0, 8)} in the middle`)).toContain(secret.slice(0, 8));
  });

  it('removes no more of the text than its own encoding', () => {
    const secret = SECRETS[0]?.[1] ?? '';
    const encoded = Buffer.from(`user:${secret}`).toString('base64');
    expect(createRedactor([secret]).text(`user main sent ${encoded} to the host`)).toBe(
      `user main sent ${REDACTED} to the host`,
    );
    const wrapped = encoded.replaceAll(/.{20}/g, '$&\n');
    expect(createRedactor([secret]).text(`sent\n${wrapped}\nto the host`)).toMatch(
      /^sent\n\S*\[redacted\]\S*\nto the host$/,
    );
  });

  it.each([
    ['a shell', (secret: string) => `'${secret.replaceAll("'", String.raw`'\''`)}'`],
    ['SQL', (secret: string) => `'${secret.replaceAll("'", "''")}'`],
    ['CSV', (secret: string) => `"${secret.replaceAll('"', '""')}"`],
    ['lines of 16', (secret: string) => secret.replaceAll(/.{16}/g, '$&\n')],
    ['indented lines', (secret: string) => secret.replaceAll(/.{16}/g, '$&\n     ')],
    ['continued lines', (secret: string) => secret.replaceAll(/.{16}/g, '$&\\\n')],
    ['lines within JSON', (secret: string) => JSON.stringify(secret.replaceAll(/.{16}/g, '$&\n'))],
  ])('does not survive being written for %s', (_, write) => {
    const secret = `it's "Quite" long & 'quoted' 4711-x`;
    const redacted = createRedactor([secret]).text(`value ${write(secret)} end`);
    expect(redacted).toMatch(/^value \S*\[redacted\]\S* end$/);
  });

  it('leaves other texts as they are', () => {
    const redactor = createRedactor(SECRETS.map(([, secret]) => secret));
    const words = constantFrom(
      'order',
      'BTC/USDT:USDT',
      '0.500',
      '8389765',
      'position',
      'bot-17',
      '60000',
      '\n',
      '{"a":1}',
      '%41',
      '\\u0041',
    );
    assert(
      property(array(words, { maxLength: 60 }), (parts) => {
        const text = parts.join(' ');
        expect(redactor.text(text)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('inside an address is cut out with and without the address', () => {
    const redactor = createRedactor(['postgres://plumb:s%40fe%2Fty%3F@db.example:5432/ledger']);
    expect(redactor.text('password authentication failed: s@fe/ty?')).toBe(
      `password authentication failed: ${REDACTED}`,
    );
    expect(redactor.text('cannot reach db.example:5432')).toBe('cannot reach db.example:5432');
    expect(redactor.text('postgres://plumb:s%40fe%2Fty%3F@db.example:5432/ledger refused')).toBe(`${REDACTED} refused`);
  });

  it('of eight characters and more is found in any case', () => {
    const redactor = createRedactor(['Ab3dEf6h', 'aB3$']);
    expect(redactor.text('AB3DEF6H ab3def6h AB3$ aB3$')).toBe(`${REDACTED} ${REDACTED} AB3$ ${REDACTED}`);
  });

  it('becomes known later, and stays known', () => {
    const redactor = createRedactor();
    expect(redactor.text('my-later-secret')).toBe('my-later-secret');
    redactor.add('my-later-secret');
    expect(redactor.text('my-later-secret')).toBe(REDACTED);
  });

  it('of fewer than four characters is not looked for', () => {
    const redactor = createRedactor(['', 'a', 'abc', '   ']);
    expect(redactor.text('an abc of things')).toBe('an abc of things');
    expect(redactor.text('?token=abc')).toBe(`?token=${REDACTED}`);
  });

  it('survives in no text that fast-check can make of it', () => {
    const secret = string({ unit: 'grapheme', minLength: 6, maxLength: 80 }).filter((text) => text.trim().length >= 6);
    const writing = constantFrom(...WRITINGS.map(([, write]) => write));
    const around = string({ unit: 'grapheme', maxLength: 40 });
    assert(
      property(secret, array(writing, { minLength: 1, maxLength: 3 }), around, around, (planted, writes, a, b) => {
        const redactor = createRedactor([planted]);
        const text = [a, ...writes.map((write) => write(planted)), b].join(' ');
        const redacted = redactor.text(text);
        // What the surroundings say by themselves is no leak.
        const own = new Set(leaks(redactor.text(a) + redactor.text(b) + REDACTED, planted));
        expect(leaks(redacted, planted).filter((leak) => !own.has(leak))).toEqual([]);
        expect(redactor.text(redacted)).toBe(redacted);
      }),
      { numRuns: 300 },
    );
  });
});

/** The ways in which a reader who decodes what is there would find the secret. Independent of the redactor's own. */
function leaks(text: string, secret: string): string[] {
  const readings: Record<string, string> = { plain: text };
  for (const [name, read] of Object.entries(READERS)) readings[name] = read(text);
  for (const [name, read] of Object.entries(READERS))
    readings[`percent, then ${name}`] = read(READERS['percent']?.(text) ?? '');
  readings['JSON, then JSON'] = READERS['JSON']?.(READERS['JSON'](text)) ?? '';
  const found = Object.entries(readings).filter(([, reading]) => reading.includes(secret));
  const bytes = Buffer.from(secret);
  if (text.toLowerCase().includes(bytes.toString('hex'))) found.push(['hex', '']);
  if (text.includes([...bytes].join(','))) found.push(['bytes', '']);
  const inside = [bytes, JSON.stringify(secret).slice(1, -1), encodeURIComponent(bytes.toString())];
  for (const run of text.match(/[A-Za-z0-9+/_-]{4,}/g) ?? []) {
    for (let skip = 0; skip < 4; skip++) {
      const decoded = Buffer.from(run.slice(skip), 'base64');
      if (inside.some((form) => decoded.includes(form))) found.push(['base64', '']);
    }
  }
  return [...new Set(found.map(([name]) => name))];
}

const READERS: Record<string, (text: string) => string> = {
  percent: (text) =>
    text.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString()),
  form: (text) => READERS['percent']?.(text.replaceAll('+', ' ')) ?? '',
  JSON: (text) =>
    text.replaceAll(/\\(?:u([0-9A-Fa-f]{4})|(.))/g, (_, code: string | undefined, letter: string | undefined) =>
      code === undefined
        ? ({ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }[letter ?? ''] ?? letter ?? '')
        : String.fromCharCode(Number.parseInt(code, 16)),
    ),
};

const charactersOf = (text: string): string[] => Array.from(text);

function percent(character: string): string {
  return Buffer.from(character).toString('hex').replaceAll(/../g, '%$&');
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

describe('what is a credential by its shape', () => {
  const redactor = createRedactor();
  it.each([
    [
      'GET /fapi/v1/order?symbol=BTCUSDT&timestamp=1&signature=deadbeef99',
      'GET /fapi/v1/order?symbol=BTCUSDT&timestamp=1&signature=[redacted]',
    ],
    [
      'https://api.huobi.pro/v1?AccessKeyId=e2xxxxxx-99&Signature=4F65x%3D&x=1',
      'https://api.huobi.pro/v1?AccessKeyId=[redacted]&Signature=[redacted]&x=1',
    ],
    ['https://x/?api_key=12&token=ab#c', 'https://x/?api_key=[redacted]&token=[redacted]'],
    ['u=a%3Fsignature%3Dabc123%26b%3D1', 'u=a%3Fsignature%3D[redacted]%26b%3D1'],
    ['Authorization: Bearer abc.def-1', 'Authorization: [redacted]'],
    ['{"authorization":"Basic dXNlcjpwYXNz","x":1}', '{"authorization":"[redacted]","x":1}'],
    ['sent Bearer sk_live_1234567890 to it', 'sent Bearer [redacted] to it'],
    ['X-MBX-APIKEY: vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zv', 'X-MBX-APIKEY: [redacted]'],
    ["{ 'X-MBX-APIKEY': 'short', a: 1 }", "{ 'X-MBX-APIKEY': '[redacted]', a: 1 }"],
    [
      "[ 'X-BAPI-API-KEY', 'short', 'X-BAPI-SIGN', 'f00' ]",
      "[ 'X-BAPI-API-KEY', '[redacted]', 'X-BAPI-SIGN', '[redacted]' ]",
    ],
    ['{"apiKey":"a\\"b","secret":"c","id":1}', '{"apiKey":"[redacted]","secret":"[redacted]","id":1}'],
    [
      JSON.stringify({ m: JSON.stringify({ secret: 'a"b', id: 1 }) }),
      JSON.stringify({ m: JSON.stringify({ secret: '[redacted]', id: 1 }) }),
    ],
    ['OK-ACCESS-PASSPHRASE: hunter2hunter2', 'OK-ACCESS-PASSPHRASE: [redacted]'],
    ['postgres://u:p@ss@h:5432/db', 'postgres://u:[redacted]@h:5432/db'],
    ['Cookie: session=1234; other=2', 'Cookie: [redacted]'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1 end', 'jwt [redacted] end'],
    [`key ${PEM} end`, 'key [redacted] end'],
    [JSON.stringify({ key: PEM }), '{"key":"[redacted]"}'],
    ['{"secret":"cut off he', '{"secret":"[redacted]'],
  ])('%j becomes %j', (text, expected) => {
    expect(redactor.text(text)).toBe(expected);
    expect(redactor.text(expected)).toBe(expected);
  });

  it.each([
    'accounts.main.exchange.secret: BINANCE_SECRET_2 is not set',
    'set BOT_TOKEN in the environment (export BOT_TOKEN=..., or an env file)',
    'api_key_env: BINANCE_KEY, secret_env: BINANCE_SECRET',
    '{"token_env":"BOT_TOKEN","secret_file":"/run/secrets/x"}',
    'the token is missing; the signature was refused; Basic authentication is required',
    'http://127.0.0.1:8080/state?mail=a@b.example',
    'authorization: refused by the exchange',
    'ORDER_MISSING_ON_EXCHANGE BTC/USDT:USDT order 8389765 (bot-17)',
    'design: 2026-11-22T15:00:00.000Z assign=3',
    '{"symbol":"BTC/USDT:USDT","amount":"0.500","max_tokens":12}',
  ])('%j stays as it is', (text) => {
    expect(redactor.text(text)).toBe(text);
  });

  it('takes time in proportion to the length of the text', () => {
    const secrets = Array.from({ length: 5 }, (_, i) => `secret-number-${i}-abcdef0123456789`);
    const redactor = createRedactor(secrets);
    const hostile = [
      'a'.repeat(50_000),
      '%'.repeat(50_000),
      '\\'.repeat(50_000),
      '://a:'.repeat(10_000),
      'token="'.repeat(8_000),
    ];
    for (const text of [...hostile, 'Bearer '.repeat(8_000), '-----BEGIN PRIVATE KEY'.repeat(5_000)]) {
      const began = performance.now();
      redactor.text(text);
      expect(performance.now() - began).toBeLessThan(5_000);
    }
  });
});

describe('a value', () => {
  it('is redacted in every text, key and depth, and stays what it was', () => {
    const redactor = createRedactor(['top-secret-1']);
    const original = { list: [{ a: 'x top-secret-1' }], 'top-secret-1': 1, at: new Date(0), n: 5, none: null };
    expect(redactor.value(original)).toEqual({
      list: [{ a: `x ${REDACTED}` }],
      [REDACTED]: 1,
      at: '1970-01-01T00:00:00.000Z',
      n: 5,
      none: null,
    });
    expect(original.list[0]?.a).toBe('x top-secret-1');
  });

  it('that is an error keeps message, stack, cause, aggregate and own fields, all redacted', () => {
    const redactor = createRedactor(['top-secret-1']);
    const cause = new TypeError('inner top-secret-1');
    const error = Object.assign(new Error('outer top-secret-1', { cause }), {
      code: 'E1',
      request: { headers: { Authorization: 'anything', 'X-MBX-APIKEY': 'abc' } },
      errors: [new Error('other top-secret-1')],
    });
    const text = JSON.stringify(redactor.value(error));
    expect(text).not.toContain('top-secret-1');
    expect(redactor.value(error)).toMatchObject({
      name: 'Error',
      message: `outer ${REDACTED}`,
      stack: expect.stringContaining(`outer ${REDACTED}`),
      cause: { name: 'TypeError', message: `inner ${REDACTED}` },
      code: 'E1',
      request: { headers: { Authorization: REDACTED, 'X-MBX-APIKEY': REDACTED } },
      errors: [{ message: `other ${REDACTED}` }],
    });
  });

  it('with cycles, getters that throw, bytes, maps, functions and endless depth is reported safely', () => {
    const redactor = createRedactor(['top-secret-1']);
    const cyclic: Record<string, unknown> = { name: 'a' };
    cyclic['self'] = cyclic;
    const deep: Record<string, unknown> = {};
    let at = deep;
    for (let i = 0; i < 10_000; i++) at = at['next'] = {};
    const value = {
      cyclic,
      deep,
      bytes: Buffer.from('top-secret-1'),
      map: new Map<unknown, unknown>([
        ['k', 'top-secret-1'],
        ['secret', 'anything'],
      ]),
      set: new Set(['top-secret-1']),
      big: 12n,
      twice: [cyclic['name'], cyclic['name']],
      url: new URL('http://u:pw@h/?token=x'),
      headers: new Headers({ authorization: 'x', accept: 'y' }),
      hidden: Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw new Error('no top-secret-1');
        },
      }),
    };
    const text = JSON.stringify(redactor.value(value));
    expect(text).not.toMatch(/top-secret-1|anything|:pw@/);
    expect(JSON.parse(text)).toMatchObject({
      cyclic: { name: 'a', self: '[circular]' },
      bytes: '[12 bytes]',
      map: { k: REDACTED, secret: REDACTED },
      set: [REDACTED],
      big: '12',
      twice: ['a', 'a'],
      url: `http://u:${REDACTED}@h/?token=${REDACTED}`,
      headers: { authorization: REDACTED, accept: 'y' },
      hidden: `[unreadable: no ${REDACTED}]`,
    });
  });

  it('that is a secret written as a number is found', () => {
    expect(createRedactor(['123456789']).value({ uid: 123456789, other: 12 })).toEqual({ uid: REDACTED, other: 12 });
  });

  it('keeps the names of the places of secrets', () => {
    const config = { token: { env: 'BOT_TOKEN' }, credentials: { apiKey: { file: '/run/key' } }, hasToken: true };
    expect(createRedactor().value(config)).toEqual(config);
  });
});
