import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exchangeIds } from '../../src/config/exchange-ids.js';
import { profileOf, REGIONAL, VERIFIED } from '../../src/exchange/exchanges.js';
import { loadCcxtClass } from '../../src/exchange/transport/load-ccxt.js';
import { EXCHANGES } from './exchanges.js';
import { readerOf } from './readers.js';
import { WireServer } from './wire-server.js';

/** The parent of each regional id, and the host that ccxt sends its requests to. */
const SITES: Record<string, { parent: string; host: string }> = {
  bybiteu: { parent: 'bybit', host: 'bybit.eu' },
  bybitid: { parent: 'bybit', host: 'bybit.id' },
  // One API key reads spot and futures of KuCoin, whichever id it is given under.
  kucoinfutures: { parent: 'kucoin', host: 'https://api-futures.kucoin.com' },
  myokx: { parent: 'okx', host: 'eea.okx.com' },
  okxus: { parent: 'okx', host: 'us.okx.com' },
};

it('lists the regional sites', () => {
  expect(REGIONAL.map(({ id }) => id)).toEqual(Object.keys(SITES));
  for (const { id } of REGIONAL) expect(exchangeIds()).toContain(id);
});

/** Every id whose class extends that of an exchange with a profile, and what it gets. */
it("leaves no class that extends a profile's class without an answer", async () => {
  const found: Record<string, string> = {};
  for (const id of exchangeIds()) {
    const parent = Object.getPrototypeOf(await loadCcxtClass(id)) as { name: string };
    if (VERIFIED.some((profile) => profile.id === parent.name))
      found[id] = profileOf(id).verified ? 'verified' : 'generic';
  }
  expect(found).toEqual({
    binancecoinm: 'verified',
    binanceus: 'verified',
    binanceusdm: 'verified',
    bybiteu: 'verified',
    bybitid: 'verified',
    gateeu: 'verified',
    kucoinfutures: 'verified',
    myokx: 'verified',
    okxus: 'verified',
  });
}, 60_000);

/** All addresses in ccxt's nested map. */
function addressesIn(address: unknown): string[] {
  if (typeof address === 'string') return [address];
  return typeof address === 'object' && address !== null ? Object.values(address).flatMap(addressesIn) : [];
}

describe.each(Object.entries(SITES))('the regional site %s', (id, { parent, host }) => {
  let wire: WireServer;
  beforeEach(async () => {
    wire = await WireServer.start();
  });
  afterEach(() => wire.stop());

  it("is verified, and has ccxt's address of that site", async () => {
    expect(profileOf(id)).toMatchObject({ id, verified: true });
    const CcxtClass = await loadCcxtClass(id);
    const { hostname, urls } = new CcxtClass({}) as unknown as { hostname: string; urls: { api: object } };
    expect([hostname, ...addressesIn(urls.api)]).toContain(host);
  });

  it("is read by its parent's profile", async () => {
    const tested = EXCHANGES.find((exchange) => exchange.id === parent);
    if (tested === undefined) throw new Error(`no fixtures of ${parent}`);
    tested.serve(wire);
    const { credentials } = tested;
    const read = async (name: string) => {
      const { readStartedAt, readEndedAt, ...snapshot } = await (
        await readerOf(name, wire, { credentials })
      ).readState();
      expect(readEndedAt).toBeGreaterThanOrEqual(readStartedAt);
      return snapshot;
    };
    const snapshot = await read(id);
    const whole = await read(parent);
    expect(whole.positions).not.toHaveLength(0);
    expect(snapshot).toEqual(whole);
  });
});
