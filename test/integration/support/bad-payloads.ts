import { DEFAULT_POLICY, type Policy } from '../../../src/domain/policy/policy.js';

/** A payload in wire format, whether an SDK would write it or not. */
export interface RawPayload {
  metadata: Record<string, Uint8Array>;
  data: Uint8Array;
}

/** The arguments of one message: none, one or several payloads. */
export interface BadMessage {
  name: string;
  payloads: RawPayload[];
  /** Must be refused: an update that succeeds with it has changed something it must not. */
  mustRefuse: boolean;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const encoded = (encoding: string, data: Uint8Array): RawPayload => ({ metadata: { encoding: bytes(encoding) }, data });
const jsonText = (text: string): RawPayload => encoded('json/plain', bytes(text));

/** Stands for a number that JSON can express and `JSON.stringify` cannot write: it reads as Infinity. */
const INFINITE = '@infinite@';
export const json = (value: unknown): RawPayload =>
  jsonText((JSON.stringify(value) ?? 'null').replaceAll(`"${INFINITE}"`, '1e999'));

const LEVELS = 10_000;
const nestedText = `${'['.repeat(LEVELS)}${']'.repeat(LEVELS)}`;
const nestedObjects = `${'{"by":'.repeat(LEVELS)}1${'}'.repeat(LEVELS)}`;
/** Below the server's limit for one payload, so that it arrives, and too large to be passed on twice. */
const LARGE = 'x'.repeat(1_900_000);
/** The name of the payload that Temporal cannot carry a second time, as the answer to an update would. */
export const ABOVE_LIMIT = 'a text above the limit';
const TOO_LARGE = 'x'.repeat(2_200_000);

/** Payloads that are invalid for every message; `good` is a valid one. */
export function badForAny(good: unknown): BadMessage[] {
  const one = (name: string, payload: RawPayload): BadMessage => ({ name, payloads: [payload], mustRefuse: false });
  return [
    { name: 'no argument', payloads: [], mustRefuse: false },
    ...Object.entries({
      null: null,
      text: 'now',
      number: 5,
      yes: true,
      'empty list': [],
      list: [good],
      object: {},
    }).map(([name, value]) => one(name, json(value))),
    { name: 'two good arguments', payloads: [json(good), json(good)], mustRefuse: false },
    { name: 'a bad and a good argument', payloads: [json(null), json(good)], mustRefuse: false },
    one('broken JSON', jsonText('{"by": "ada"')),
    one('NaN in JSON', jsonText('{"by": NaN}')),
    one('no data', jsonText('')),
    one('JSON that is not UTF-8', encoded('json/plain', Uint8Array.from([0x22, 0xff, 0xfe, 0x22]))),
    one('bytes', encoded('binary/plain', Uint8Array.from([0, 1, 2, 255]))),
    one('a null of bytes', encoded('binary/null', new Uint8Array())),
    one('protobuf as JSON', encoded('json/protobuf', bytes('{}'))),
    one('protobuf', encoded('binary/protobuf', Uint8Array.from([8, 1]))),
    one('an encrypted payload', encoded('binary/encrypted', Uint8Array.from([1, 2, 3]))),
    one('an unknown encoding', encoded('x/y', bytes('{}'))),
    one('an encoding that is not UTF-8', {
      metadata: { encoding: Uint8Array.from([0xff, 0xfe]) },
      data: bytes('{}'),
    }),
    one('no metadata', { metadata: {}, data: bytes('{"by":"ada"}') }),
    one('keys of every object', jsonText('{"__proto__":{"by":"x"},"constructor":{"prototype":null},"toString":null}')),
    one('nested lists', jsonText(nestedText)),
    one('nested objects', jsonText(nestedObjects)),
    one('a large text', json(LARGE)),
    one(ABOVE_LIMIT, json(TOO_LARGE)),
  ];
}

/** Values that no text field accepts unchanged. */
const BAD_TEXTS: Record<string, unknown> = {
  null: null,
  number: 5,
  yes: true,
  list: ['ada'],
  object: { name: 'ada' },
  empty: '',
  spaces: '   ',
  'zero-width': '\u200b\u200d\ufeff',
  'control characters': '\u0000\u0007\u001b[31mada\u001b[0m\u007f',
  'a right-to-left mark': '\u202eada\u2066',
  'half a character': 'ada \ud83d',
  lines: 'ada\r\n# heading\n',
  '100,000 characters': 'x'.repeat(100_000),
  '1.9 MB': LARGE,
};

/** The message with each field invalid in every way, one field at a time. */
export function badFields(
  good: Record<string, unknown>,
  fields: Record<string, Record<string, unknown>>,
): BadMessage[] {
  return Object.entries(fields).flatMap(([field, values]) => [
    {
      name: `without ${field}`,
      payloads: [json(Object.fromEntries(Object.entries(good).filter(([name]) => name !== field)))],
      mustRefuse: false,
    },
    ...Object.entries(values).map(([name, value]) => ({
      name: `${field}: ${name}`,
      payloads: [json({ ...good, [field]: value })],
      mustRefuse: false,
    })),
    { name: `${field}: nested lists`, payloads: [nested(good, field)], mustRefuse: false },
  ]);
}

function nested(good: Record<string, unknown>, field: string): RawPayload {
  return jsonText(JSON.stringify({ ...good, [field]: '@nested@' }).replace('"@nested@"', nestedText));
}

export const texts = (...fields: string[]): Record<string, Record<string, unknown>> =>
  Object.fromEntries(fields.map((field) => [field, BAD_TEXTS]));

export const BAD_TIMES: Record<string, unknown> = {
  ...BAD_TEXTS,
  tomorrow: 'tomorrow',
  'the year 12345': '12345-01-01T00:00:00Z',
  'the year +012345': '+012345-01-01T00:00:00.000Z',
  'the year 0': '0000-01-01T00:00:00Z',
  'the past': '2001-01-01T00:00:00Z',
  'beyond all dates': '+999999-01-01T00:00:00Z',
  'a day that is none': '2031-02-30T25:61:00Z',
};

/** Values of a wrong type for any field. */
const WRONG_TYPES: Record<string, unknown> = {
  null: null,
  text: 'five',
  yes: 'yes',
  'a number in text': '5',
  'beyond all numbers': INFINITE,
  'a list of nulls': [null],
  'an object of nulls': { symbols: null },
};

const NEVER: Record<string, Record<string, unknown>> = {
  intervalMinutes: { zero: 0, negative: -1, huge: 1e308, fraction: 5.5, 'too short': 4, 'too long': 1441 },
  failureThreshold: { zero: 0, negative: -1, fraction: 1.5 },
  confirmations: { one: 1, zero: 0, negative: -1 },
  maxLooks: { one: 1, zero: 0 },
  settleSeconds: { negative: -1 },
  graceSeconds: { negative: -1 },
  maxInternalAgeSeconds: { negative: -1 },
  retrySeconds: { negative: -1 },
  unsettledThreshold: { zero: 0, negative: -1 },
  reminderMinutes: { zero: [0], negative: [30, -1], text: ['30'], infinite: [INFINITE], number: 30 },
  gateMaxAgeMinutes: { zero: 0, negative: -1 },
  drift: {
    'no rules': [],
    'an unknown action': [{ action: 'wake' }],
    'a number as size': [{ action: 'page', notionalBelow: 5 }],
  },
  interveneOn: { 'an unknown type': ['NO_SUCH_TYPE'], numbers: [5] },
  tolerance: { number: { '*': 5 }, text: { '*': 'a bit' }, negative: { '*': '-1' }, list: [] },
  ignore: { 'no lists': {}, 'lists that are none': { symbols: 'X', clientOrderIdPrefixes: 5, types: null } },
};

/** Policies that every workflow must refuse. */
export function badPolicies(good: Record<string, unknown>, policy: Policy): BadMessage[] {
  const refused = (name: string, payload: RawPayload): BadMessage => ({ name, payloads: [payload], mustRefuse: true });
  const fields = [...Object.keys(DEFAULT_POLICY), 'drift'];
  return [
    ...['null', 'text', 'a list of nulls'].map((name) =>
      refused(`policy: ${name}`, json({ ...good, policy: WRONG_TYPES[name] })),
    ),
    refused('policy: empty', json({ ...good, policy: {} })),
    refused('without policy', json({ ...good, policy: undefined })),
    refused('exchange: null', json({ ...good, exchange: null })),
    ...fields.flatMap((field) =>
      Object.entries({ ...WRONG_TYPES, ...NEVER[field] }).map(([name, value]) =>
        refused(`policy.${field}: ${name}`, json({ ...good, policy: { ...policy, [field]: value } })),
      ),
    ),
  ];
}
