import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Acts } from '../../src/acts/acts.js';
import type { LedgerEvent } from '../../src/ledger/contract/ledger.js';
import { eventually } from '../cli/test-io.js';
import { long, scriptedSides, type ScriptedSide } from '../integration/support/scripted.js';
import { startWorld, type World } from '../integration/support/world.js';
import { makeToken, send, startServe, type Answer } from './api-client.js';

const ada = makeToken('ada', 'operator');
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

/** What people do over HTTP, in the order of a night, on real Temporal, PostgreSQL and workflows. */
describe('acting over HTTP', () => {
  let world: World;
  let exchange: ScriptedSide;
  let internal: ScriptedSide;
  let served: Awaited<ReturnType<typeof startServe>>;
  const act = async (name: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    send(`${served.url}/v1/accounts/${world.account}/${name}`, { method: 'POST', token: ada.token, body, headers });
  const read = async (path: string): Promise<Answer> =>
    send(`${served.url}/v1/accounts/${world.account}${path}`, { token: ada.token });
  const newest = async (type: LedgerEvent['type']): Promise<LedgerEvent | undefined> =>
    (await world.events()).findLast((event) => event.type === type);
  const drift = async (amount: string): Promise<void> => {
    exchange.positions = [long('BTC/USDT:USDT', amount)];
    await world.client.runNow(world.account, 'test');
    await eventually(
      async () => (await read('/interventions?state=open')).body as { interventions: unknown[] },
      ({ interventions }) => interventions.length === 1,
    );
  };

  /** The gate, which follows the ledger within a second. */
  const gateWith = async (status: number) =>
    eventually(
      async () => read('/gate'),
      (answer) => answer.status === status,
    );

  beforeAll(async () => {
    const scripted = scriptedSides();
    ({ exchange, internal } = scripted);
    world = await startWorld({ sides: scripted.sides });
    const acts = new Acts({ client: async () => world.client, ledger: async () => world.ledger });
    served = await startServe({ ledger: world.ledger, acts, tokens: [ada.known] });
    await world.start();
    await world.client.runNow(world.account, 'test');
  }, 120_000);
  afterAll(async () => {
    await served.close();
    await world.stop();
  });

  it('has nothing to acknowledge while all is well', async () => {
    expect(await gateWith(200)).toMatchObject({ status: 200 });
    expect(await act('acknowledge', { note: 'x' })).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringMatching(/no open intervention/), remedy: expect.any(String) } },
    });
    expect(await act('snooze', { note: 'x', until: inHours(1) })).toMatchObject({ status: 409 });
  });

  it('pauses, resumes and runs, each as an event with name and way', async () => {
    expect(await act('pause', { reason: 'maintenance' })).toMatchObject({
      status: 200,
      body: { done: 'pause', by: 'ada', via: 'http', changed: true, repeated: false, gate: { open: true } },
    });
    expect(await act('pause', { reason: 'again' })).toMatchObject({ status: 200, body: { changed: false } });
    const paused = await eventually(
      async () => newest('RECONCILIATION_PAUSED'),
      (event) => event !== undefined,
    );
    expect(paused?.payload).toEqual({ by: 'ada', reason: 'maintenance', via: 'http' });
    expect(await act('resume', undefined)).toMatchObject({ status: 200, body: { changed: true } });
    expect(await act('run', {})).toMatchObject({ status: 202, body: { done: 'run' } });
    const run = await eventually(
      async () => newest('RECONCILIATION_COMPLETED'),
      (event) => JSON.stringify(event?.payload['requested_by']) === '["ada"]',
    );
    expect(run?.payload).toMatchObject({ requested_by: ['ada'], requested_via: ['http'] });
    const resumed = await eventually(
      async () => newest('RECONCILIATION_RESUMED'),
      (event) => event !== undefined,
    );
    expect(resumed?.payload).toMatchObject({ by: 'ada', via: 'http' });
  }, 60_000);

  it('snoozes, and shows who and why', async () => {
    await drift('0.5');
    expect(await act('snooze', { note: 'x', until: '2020-01-01T00:00:00Z' })).toMatchObject({ status: 422 });
    expect(await act('snooze', { note: 'x', until: 'tomorrow' })).toMatchObject({ status: 400 });
    expect(await act('snooze', { note: 'on the train', until: inHours(1) })).toMatchObject({
      status: 200,
      body: {
        taken_by: 'workflow',
        gate: { open: false },
        intervention: { state: 'snoozed', snoozed_by: 'ada', snooze_note: 'on the train' },
        says: expect.stringMatching(/^gate: CLOSED, 1 discrepancy is open: BTC/),
        next: expect.stringMatching(/^look .*, fix .*, run .*, then acknowledge/),
      },
    });
    expect((await newest('INTERVENTION_SNOOZED'))?.payload).toMatchObject({ by: 'ada', via: 'http' });
  }, 60_000);

  it('acknowledges and leaves the gate closed while the discrepancy is open; the same request is carried out once', async () => {
    const key = { 'idempotency-key': 'k-1' };
    const first = await act('acknowledge', { note: 'I have it' }, key);
    expect(first).toMatchObject({
      status: 200,
      body: {
        done: 'acknowledge',
        repeated: false,
        gate: { open: false },
        standing_count: 1,
        standing: [{ type: 'POSITION_OPENED_EXTERNALLY', accepted: null }],
        intervention: { state: 'acknowledged', acknowledged_by: 'ada', note: 'I have it' },
      },
    });
    expect(first.body['next']).toMatch(/^look .*, fix .*, run /);
    expect(await act('acknowledge', { note: 'I have it' }, key)).toMatchObject({
      status: 200,
      body: { repeated: true, gate: { open: false } },
    });
    expect(await act('acknowledge', { note: 'I have it' }, { 'idempotency-key': 'k-2' })).toMatchObject({
      status: 409,
    });
    expect(await act('acknowledge', { note: 'x' }, { 'idempotency-key': 'a b' })).toMatchObject({ status: 400 });
    expect(await gateWith(423)).toMatchObject({ status: 423, body: { open: false } });
    const acknowledged = (await world.events()).filter(({ type }) => type === 'MANUAL_REVIEW_ACKNOWLEDGED');
    expect(acknowledged.map(({ payload }) => payload)).toMatchObject([{ by: 'ada', note: 'I have it', via: 'http' }]);
  }, 60_000);

  it('refuses to accept what is not open, or until a time that has passed', async () => {
    const until = inHours(1);
    const none = '00000000-0000-4000-8000-000000000000';
    expect(await act('accept', { note: 'x', until, discrepancies: [none] })).toMatchObject({
      status: 422,
      body: { error: { message: expect.stringContaining('no open discrepancy'), remedy: expect.any(String) } },
    });
    expect(await act('accept', { note: 'x', until: '2020-01-01T00:00:00Z' })).toMatchObject({ status: 422 });
    expect(await act('accept', { note: 'x', until, discrepancies: ['x'] })).toMatchObject({ status: 400 });
  });

  it('accepts: the open intervention is acknowledged with it, and the gate follows at once', async () => {
    // Other values: the discrepancy changes, and a human is called again.
    await drift('0.7');
    const accepted = await act('accept', { note: 'hedged by hand', until: inHours(2) }, { 'idempotency-key': 'a-1' });
    expect(accepted).toMatchObject({
      status: 200,
      body: {
        acknowledged: true,
        kept_open: null,
        accepted: [{ accepted: { by: 'ada', note: 'hedged by hand' } }],
        gate: { open: true, accepted: 1 },
        says: 'gate: OPEN, 1 accepted for now',
        next: null,
        intervention: { state: 'acknowledged', acknowledged_by: 'ada', note: 'hedged by hand' },
      },
    });
    expect(await gateWith(200)).toMatchObject({ status: 200, body: { open: true, accepted: 1 } });
    expect((await newest('DISCREPANCY_ACCEPTED'))?.payload).toMatchObject({ by: 'ada', via: 'http' });
    const count = (await world.events()).length;
    const again = await act('accept', { note: 'hedged by hand', until: inHours(3) }, { 'idempotency-key': 'a-1' });
    expect(again).toMatchObject({ status: 200, body: { repeated: true, gate: { open: true } } });
    expect(await world.events()).toHaveLength(count);
  }, 60_000);

  it('covers only these values: other values close the gate again', async () => {
    await drift('0.9');
    expect(await gateWith(423)).toMatchObject({ status: 423 });
    expect(await read('')).toMatchObject({ body: { accepted_discrepancies: 0, blocking_discrepancies: 1 } });
  }, 60_000);

  it('keeps an intervention open that is about more than what is accepted, and says why', async () => {
    exchange.positions = [long('BTC/USDT:USDT', '0.9'), long('ETH/USDT:USDT', '2')];
    await world.client.runNow(world.account, 'test');
    const rows = await eventually(
      async () => world.ledger.discrepancies(world.account, { state: 'open' }),
      (open) => open.length === 2,
    );
    const [bitcoin] = rows.filter(({ symbol }) => symbol.startsWith('BTC'));
    const part = await act('accept', { note: 'known', until: inHours(1), discrepancies: [bitcoin?.id] });
    expect(part).toMatchObject({
      status: 200,
      body: {
        acknowledged: false,
        kept_open: expect.stringMatching(/^this is not accepted: ETH/),
        gate: { open: false },
        standing_count: 1,
      },
    });
    const rest = await act('accept', { note: 'known', until: inHours(1) });
    expect(rest).toMatchObject({ body: { acknowledged: true, gate: { open: true, accepted: 2 } } });
  }, 60_000);

  it('answers without a worker from the ledger, and says so', async () => {
    internal.positions = [];
    await drift('1.1');
    await world.stopWorker();
    try {
      const answer = await act('acknowledge', { note: 'by hand' });
      expect(answer).toMatchObject({
        status: 200,
        body: { taken_by: 'ledger', without_workflow: expect.any(String), intervention: { state: 'acknowledged' } },
      });
      expect((await newest('MANUAL_REVIEW_ACKNOWLEDGED'))?.payload).toMatchObject({ by: 'ada', via: 'http' });
    } finally {
      await world.startWorker();
    }
  }, 60_000);
});
