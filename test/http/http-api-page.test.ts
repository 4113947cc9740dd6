import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Acts } from '../../src/acts/acts.js';
import { readRepositoryFile } from '../deploy/compose-file.js';
import { eventually } from '../cli/test-io.js';
import { long, scriptedSides } from '../integration/support/scripted.js';
import { startWorld, type World } from '../integration/support/world.js';
import { makeToken, startServe } from './api-client.js';

const run = promisify(execFile);
const ada = makeToken('ada', 'operator');

/** Each shell block of the page that has a request. */
const blocks = [...readRepositoryFile('docs/http-api.md').matchAll(/```sh\n([^]*?)```/g)]
  .map(([, text = '']) => text)
  .filter((text) => text.includes('curl'));

describe('the examples of docs/http-api.md', () => {
  let world: World;
  let served: Awaited<ReturnType<typeof startServe>>;
  beforeAll(async () => {
    const scripted = scriptedSides();
    world = await startWorld({ sides: scripted.sides });
    const acts = new Acts({ client: async () => world.client, ledger: async () => world.ledger });
    served = await startServe({ ledger: world.ledger, acts, tokens: [ada.known] });
    await world.start();
    scripted.exchange.positions = [long('BTC/USDT:USDT', '0.5')];
    await world.client.runNow(world.account, 'test');
    await eventually(
      async () => world.ledger.openInterventionOf(world.account),
      (open) => open !== null,
    );
  }, 120_000);
  afterAll(async () => {
    await served.close();
    await world.stop();
  });

  it('answer as the page says', async () => {
    expect(blocks).toHaveLength(2);
    const script = blocks.join('\n').replaceAll('/accounts/main', `/accounts/${world.account}`);
    const env = { ...process.env, PLUMBLINE: served.url, TOKEN: ada.token };
    // curl ends each answer without a line break.
    const { stdout } = await run('sh', ['-c', script.replaceAll('curl ', `curl -w '\\n' `)], { env, timeout: 60_000 });
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(answers).toMatchObject([
      { accounts: [{ account: world.account }] },
      { account: world.account },
      { runs: [{ outcome: 'drifted' }] },
      { events: expect.arrayContaining([expect.objectContaining({ type: 'MANUAL_INTERVENTION' })]) },
      { discrepancies: [{ type: 'POSITION_OPENED_EXTERNALLY' }] },
      { interventions: [{ state: 'open' }] },
      { open: false },
      { done: 'snooze', by: 'ada', intervention: { state: 'snoozed' } },
      { done: 'run' },
      { done: 'accept', acknowledged: true, gate: { open: true } },
      { done: 'pause', changed: true },
      { done: 'resume', changed: true },
      { error: { message: expect.stringMatching(/no open intervention/) } },
    ]);
  }, 90_000);
});
