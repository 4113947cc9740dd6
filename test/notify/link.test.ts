import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { checkLink, LINK_HOURS, messageLink, signLink, type LinkClaims } from '../../src/notify/link.js';

const SECRET = 'a secret of at least 32 bytes, for tests';
const NOW = new Date('2026-11-22T02:00:00Z');
const CLAIMS: LinkClaims = {
  account: 'main',
  interventionId: '0195b2c4-0000-7000-8000-000000000001',
  channel: 'phone',
  expiresAt: new Date('2026-11-23T02:00:00Z'),
  nonce: 'bm9uY2U',
};
const later = (hours: number): Date => new Date(NOW.getTime() + hours * 3_600_000);

describe('a one-time link', () => {
  it('says what it was signed for, until it expires', () => {
    const token = signLink(CLAIMS, SECRET);
    expect(token).toMatch(/^[\w-]+\.[\w-]{43}$/);
    expect(checkLink(token, SECRET, NOW)).toEqual({ kind: 'valid', claims: CLAIMS });
    expect(checkLink(token, SECRET, new Date(CLAIMS.expiresAt.getTime() - 1))).toMatchObject({ kind: 'valid' });
    expect(checkLink(token, SECRET, CLAIMS.expiresAt)).toEqual({ kind: 'expired', claims: CLAIMS });
    expect(checkLink(token, SECRET, new Date(Number.NaN))).toMatchObject({ kind: 'expired' });
  });

  it('is invalid with one changed character, another secret, or other text', () => {
    const token = signLink(CLAIMS, SECRET);
    expect(checkLink(token, `${SECRET}.`, NOW)).toEqual({ kind: 'invalid' });
    fc.assert(
      fc.property(fc.nat(token.length - 2), fc.constantFrom('a', 'Z', '0', '-', '_', '.'), (place, character) => {
        const changed = token.slice(0, place) + character + token.slice(place + 1);
        const checked = checkLink(changed, SECRET, NOW);
        // The last character of base64url has bits without meaning, so it is left out.
        expect(checked.kind).toBe(changed === token ? 'valid' : 'invalid');
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (text) => {
        expect(checkLink(text, SECRET, NOW)).toEqual({ kind: 'invalid' });
      }),
    );
    expect(checkLink(`${token}.x`, SECRET, NOW)).toEqual({ kind: 'invalid' });
    expect(checkLink(`${token}\n`, SECRET, NOW)).toEqual({ kind: 'invalid' });
  });

  it('keeps any text of its claims', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (account, interventionId, channel) => {
        const claims = { ...CLAIMS, account, interventionId, channel };
        fc.pre(signLink(claims, SECRET).length <= 1_000);
        expect(checkLink(signLink(claims, SECRET), SECRET, NOW)).toEqual({ kind: 'valid', claims });
      }),
    );
  });

  it('is not a signature of the same secret for another purpose', () => {
    const [claims = ''] = signLink(CLAIMS, SECRET).split('.');
    const signed = createHmac('sha256', SECRET).update(claims).digest('base64url');
    expect(checkLink(`${claims}.${signed}`, SECRET, NOW)).toEqual({ kind: 'invalid' });
  });

  it('refuses a secret that could be guessed', () => {
    expect(() => signLink(CLAIMS, 'short')).toThrow(RangeError);
  });

  it('of a message has the same nonce in each attempt, and another one in each message', () => {
    const place = { publicUrl: 'https://ops.example/plumbline', secret: SECRET };
    const about = { account: 'main', interventionId: CLAIMS.interventionId, channel: 'phone', key: 'k1' };
    const nonceOf = (key: string, now: Date): string => {
      const { url } = messageLink(place, { ...about, key }, now);
      expect(url.startsWith('https://ops.example/plumbline/a/')).toBe(true);
      const checked = checkLink(url.slice('https://ops.example/plumbline/a/'.length), SECRET, now);
      if (checked.kind !== 'valid') throw new Error(`the link is ${checked.kind}`);
      expect(checked.claims).toMatchObject({
        account: 'main',
        channel: 'phone',
        interventionId: CLAIMS.interventionId,
      });
      expect(checked.claims.expiresAt).toEqual(new Date(now.getTime() + LINK_HOURS * 3_600_000));
      return checked.claims.nonce;
    };
    expect(nonceOf('k1', NOW)).toBe(nonceOf('k1', later(1)));
    expect(nonceOf('k1', NOW)).not.toBe(nonceOf('k2', NOW));
  });
});
