import { describe, expect, it } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import { decoded } from '../../../src/internal/nautilus/events.js';
import { replayOrder } from '../../../src/internal/nautilus/replay.js';
import { accepted, initialized, submitted } from './support/events.js';

describe('a stored value', () => {
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const msgpack = (value: unknown): Buffer => Buffer.from(encode(value, { useBigInt64: true }));

  it('is read in the encoding of the bot', () => {
    expect(decoded(json({ type: 'OrderFilled' }), 'json')).toEqual({ type: 'OrderFilled' });
    expect(decoded(msgpack({ type: 'OrderFilled', n: 2n ** 62n }), 'msgpack')).toEqual({
      type: 'OrderFilled',
      n: 2n ** 62n,
    });
  });

  it.each([
    ['half of a text', Buffer.from('{"type":'), 'json'],
    ['half of a map', msgpack({ type: 'OrderFilled' }).subarray(0, 8), 'msgpack'],
    ['nothing', Buffer.alloc(0), 'msgpack'],
    ['nothing', Buffer.alloc(0), 'json'],
  ] as const)('that is %s cannot be read', (_, bytes, encoding) => {
    expect(decoded(bytes, encoding)).toBeNull();
  });

  it('of version 2 is the content of its variant', () => {
    // The form of OrderEventAny and InstrumentAny in crates/model of nautechsystems/nautilus_trader.
    const { options: _, ...content } = initialized({ price: '49000.0', trigger_price: null });
    const events = [{ Initialized: content }, { Submitted: submitted() }, { Accepted: accepted() }];
    const order = replayOrder(events.map((event) => decoded(msgpack(event), 'msgpack')));
    expect(order).toMatchObject({ status: 'open', price: '49000.0', venueOrderId: '77' });
    expect(decoded(json({ CryptoPerpetual: { multiplier: '1' } }), 'json')).toEqual({
      type: 'CryptoPerpetual',
      multiplier: '1',
    });
  });
});
