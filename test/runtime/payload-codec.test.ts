import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import * as fc from 'fast-check';
import { createPayloadCodec, UnknownKeyError } from '../../src/runtime/payload-codec.js';
import { keyBytesOf, type PayloadKey } from '../../src/runtime/payload-key.js';

const key = (id: string, fill: number): PayloadKey => ({ id, bytes: Buffer.alloc(32, fill) });
const [old, young] = [key('2026-01', 1), key('2026-11', 2)];

const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (payload: Payload | undefined): unknown => defaultPayloadConverter.fromPayload(payload as Payload);

describe('the payload codec', () => {
  it('returns every payload as it was, and shows nothing of it but the id of the key', async () => {
    const codec = createPayloadCodec([young]);
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 2 }), async (json) => {
        const payload = payloadOf({ secret: JSON.parse(json) as unknown, word: 'BTC/USDT:USDT' });
        const [hidden] = await codec.encode([payload]);
        expect(Buffer.from(hidden?.data ?? []).includes('BTC/USDT')).toBe(false);
        expect(Object.keys(hidden?.metadata ?? {}).toSorted()).toEqual(['encoding', 'encryption-key-id']);
        const [shown] = await codec.decode([hidden as Payload]);
        expect(valueOf(shown)).toEqual(valueOf(payload));
      }),
      { numRuns: 50 },
    );
  });

  it('encrypts with the first key and decrypts with each, so that keys can be exchanged', async () => {
    const [before] = await createPayloadCodec([old]).encode([payloadOf('x')]);
    const rotated = createPayloadCodec([young, old]);
    expect(valueOf((await rotated.decode([before as Payload]))[0])).toBe('x');
    const [after] = await rotated.encode([payloadOf('x')]);
    expect(Buffer.from(after?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('2026-11');
  });

  it('passes what is not encrypted, so that workflows that began without encryption go on', async () => {
    const payload = payloadOf({ plain: true });
    expect(await createPayloadCodec([young]).decode([payload])).toEqual([payload]);
  });

  it('names the key that it does not have', async () => {
    const [hidden] = await createPayloadCodec([young]).encode([payloadOf('x')]);
    const asked = createPayloadCodec([old]).decode([hidden as Payload]);
    await expect(asked).rejects.toThrow(UnknownKeyError);
    await expect(asked).rejects.toThrow(/"2026-11".*temporal\.encryption\.keys.*2026-01/);
  });

  it('passes forged and damaged payloads, so that what reads them refuses them, and never fails', async () => {
    const codec = createPayloadCodec([young]);
    const [real] = await codec.encode([payloadOf('x')]);
    const forged = fc.record({
      id: fc.oneof(fc.constant('2026-11'), fc.constant('../\u0000'), fc.constant('')),
      data: fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.nat({ max: (real?.data?.length ?? 1) - 1 }).map((at) => {
          const bytes = Buffer.from(real?.data ?? []);
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          return bytes;
        }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(forged, async ({ id, data }) => {
        const payload = {
          metadata: { encoding: Buffer.from('binary/encrypted'), 'encryption-key-id': Buffer.from(id) },
          data,
        };
        expect(await codec.decode([payload])).toEqual([payload]);
      }),
    );
  });

  it('takes keys of 32 bytes in base64, base64url or hexadecimal', () => {
    const bytes = Buffer.alloc(32, 251);
    for (const form of ['base64', 'base64url', 'hex'] as const) {
      expect(Buffer.from(keyBytesOf(bytes.toString(form)) ?? [])).toEqual(bytes);
    }
    for (const text of ['', 'x'.repeat(44), Buffer.alloc(31).toString('base64'), Buffer.alloc(16).toString('hex')])
      expect(keyBytesOf(text)).toBeNull();
  });
});
