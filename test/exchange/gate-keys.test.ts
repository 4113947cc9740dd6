import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExchangeInspector } from '../../src/exchange/exchange-reader.js';
import { PATHS, serveAccount } from './gate-fixtures.js';
import { CREDENTIALS, readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

describe('a gate key', () => {
  let wire: WireServer;
  let reader: ExchangeInspector;
  beforeEach(async () => {
    wire = serveAccount(await WireServer.start());
    reader = await readerOf('gate', wire);
  });
  afterEach(() => wire.stop());

  it.each([
    [[{ name: 'spot', read_only: true }], [], { canTrade: false, canWithdraw: false, ipRestricted: false }],
    [
      [{ name: 'futures', read_only: false }],
      ['203.0.113.7'],
      { canTrade: true, canWithdraw: false, ipRestricted: true },
    ],
    [[{ name: 'wallet' }, { name: 'spot', read_only: true }], [], { canTrade: false, canWithdraw: true }],
  ])('knows what a key with %j may do', async (perms, addresses, expected) => {
    wire.route(PATHS.detail, { user_id: 1, ip_whitelist: addresses, key: { mode: 1 } });
    wire.route(PATHS.mainKeys, { state: 1, mode: 1, perms, key: 'a' });
    expect(await reader.auditKey()).toMatchObject(expected);
    const others = [
      { perms: [], key: 'other' },
      { perms, key: CREDENTIALS.apiKey },
    ];
    wire.route(PATHS.mainKeys, others);
    expect(await reader.auditKey()).toMatchObject(expected);
  });

  it('does not guess which of several keys asks', async () => {
    wire.route(PATHS.detail, { user_id: 1, ip_whitelist: [] });
    wire.route(PATHS.mainKeys, [{ perms: [] }, { perms: [] }]);
    expect(await reader.auditKey()).toMatchObject({ canTrade: null, canWithdraw: null, ipRestricted: false });
  });
});
