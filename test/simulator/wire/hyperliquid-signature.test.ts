import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadCrypto, type Crypto } from '../../../packages/exchange-simulator/src/wire/hyperliquid/crypto.js';
import { packMessage } from '../../../packages/exchange-simulator/src/wire/hyperliquid/msgpack.js';
import { signerOf, type SignedAction } from '../../../packages/exchange-simulator/src/wire/hyperliquid/signature.js';

/**
 * Signatures that the exchange's own SDK makes, from its tests:
 * https://github.com/hyperliquid-dex/hyperliquid-python-sdk/blob/master/tests/signing_test.py
 */
const PRIVATE_KEY = '0123456789012345678901234567890123456789012345678901234567890123';
const ADDRESS = '0x14791697260e4c9a71f18484c9f997b308e59325';

let crypto: Crypto;

beforeAll(async () => {
  crypto = await loadCrypto();
});

const dummy = { type: 'dummy', num: 100_000_000_000 };
const order = { a: 1, b: true, p: '100', s: '100', r: false, t: { limit: { tif: 'Gtc' } } };
const orders = (one: object): object => ({ type: 'order', orders: [one], grouping: 'na' });

const ofANumber: SignedAction = {
  action: dummy,
  nonce: 0,
  signature: {
    r: '0x53749d5b30552aeb2fca34b530185976545bb22d0b3ce6f62e31be961a59298',
    s: '0x755c40ba9bf05223521753995abb2f73ab3229be8ec921f350cb447e384d8ed8',
    v: 27,
  },
};

const CASES: [what: string, signed: SignedAction][] = [
  ['a number', ofANumber],
  [
    'an order',
    {
      action: orders(order),
      nonce: 0,
      signature: {
        r: '0xd65369825a9df5d80099e513cce430311d7d26ddf477f5b3a33d2806b100d78e',
        s: '0x2b54116ff64054968aa237c20ca9ff68000f977c93289157748a3162b6ea940e',
        v: 28,
      },
    },
  ],
  [
    "an order with a client's id",
    {
      action: orders({ ...order, c: '0x00000000000000000000000000000001' }),
      nonce: 0,
      signature: {
        r: '0x41ae18e8239a56cacbc5dad94d45d0b747e5da11ad564077fcac71277a946e3',
        s: '0x3c61f667e747404fe7eea8f90ab0e76cc12ce60270438b2058324681a00116da',
        v: 27,
      },
    },
  ],
  [
    'a stop',
    {
      action: orders({ ...order, t: { trigger: { isMarket: true, triggerPx: '103', tpsl: 'sl' } } }),
      nonce: 0,
      signature: {
        r: '0x98343f2b5ae8e26bb2587daad3863bc70d8792b09af1841b6fdd530a2065a3f9',
        s: '0x6b5bb6bb0633b710aa22b721dd9dee6d083646a5f8e581a20b545be6c1feb405',
        v: 27,
      },
    },
  ],
  [
    'for a vault',
    {
      action: dummy,
      nonce: 0,
      vaultAddress: '0x1719884eb866cb12b2287399b15f7db5e7d775ea',
      signature: {
        r: '0x3c548db75e479f8012acf3000ca3a6b05606bc2ec0c29c50c515066a326239',
        s: '0x4d402be7396ce74fbba3795769cda45aec00dc3125a984f2a9f23177b190da2c',
        v: 28,
      },
    },
  ],
];

describe('the signer of an action', () => {
  it('has the address of its private key', () => {
    expect(crypto.addressOf(Buffer.from(PRIVATE_KEY, 'hex'))).toBe(ADDRESS);
  });

  it.each(CASES)('is found: %s', (_what, signed) => {
    expect(signerOf(signed, crypto)).toBe(ADDRESS);
  });

  it.each<[what: string, change: Partial<SignedAction>]>([
    ['the action', { action: { ...dummy, num: 1 } }],
    ['the nonce', { nonce: 1 }],
    ['an expiry', { expiresAfter: 1 }],
    ['a vault', { vaultAddress: ADDRESS }],
  ])('is another where %s was changed', (_what, change) => {
    expect(signerOf({ ...ofANumber, ...change }, crypto)).not.toBe(ADDRESS);
  });
});

describe('MessagePack', () => {
  it.each<[value: unknown, bytes: string]>([
    [null, 'c0'],
    [[true, false], '92c3c2'],
    [[0, 127, 128, 256, 65_536, 4_294_967_296], '96007fcc80cd0100ce00010000cf0000000100000000'],
    ['', 'a0'],
    ['a'.repeat(32), `d920${'61'.repeat(32)}`],
    [{ b: 1, a: [] }, '82a16201a16190'],
    [Array.from({ length: 16 }, () => 0), `dc0010${'00'.repeat(16)}`],
  ])('of %j', (value, bytes) => {
    expect(packMessage(value).toString('hex')).toBe(bytes);
  });

  it.each([[1.5], [-1], [undefined]])('refuses %p, which an action cannot hold', (value) => {
    expect(() => packMessage(value)).toThrow(TypeError);
  });
});
