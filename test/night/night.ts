import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startSimulator } from '../../packages/dev-stack/src/index.js';
import { SimulatorHand } from '../../packages/dev-stack/src/scenario-world.js';
import { startStack, type Stack } from '../../packages/dev-stack/src/stack.js';
import type { StackConfiguration, StackPlaces } from '../../packages/dev-stack/src/stack-configuration.js';
import type { StateFolder } from '../../packages/dev-stack/src/state-folder.js';
import { DEMO_BOT_TOKEN, DEMO_CREDENTIALS } from '../../packages/exchange-simulator/src/index.js';
import { ensureDatabase, migrateLedger } from '../../src/ledger/migrate/migrate.js';
import { Listening } from '../support/listening.js';
import { searchAttributeTypes } from '../support/search-attributes.js';
import { startPagerDuty, startSlack, type Service } from './services.js';

const commandLine = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const run = promisify(execFile);

const ACCOUNT = 'main';
const BITCOIN = 'BTC/USDT:USDT';
const SLACK_TOKEN = 'xoxb-night';
const ROUTING_KEY = 'night-routing-key';

/** Plays an operator's night on the real stack and prints it as it happens. Resolves with the expectations that failed. */
export async function playNight(say: (line: string) => void): Promise<string[]> {
  const servers = new Listening();
  const directory = await mkdtemp(join(tmpdir(), 'plumbline-night-'));
  const slack = await startSlack(servers, SLACK_TOKEN);
  const pager = await startPagerDuty(servers, ROUTING_KEY);
  let stack: Stack | null = null;
  try {
    stack = await startStack({
      stateDirectory: directory,
      searchAttributes: searchAttributeTypes,
      simulator: startSimulator,
      plumbline: {
        commandLine,
        prepareLedger: async (databaseUrl) => {
          await ensureDatabase(databaseUrl);
          await migrateLedger(databaseUrl);
        },
        env: {},
      },
      configuration: async (folder, places) => configure(folder, places, slack, pager),
      report: () => undefined,
    });
    const night = new Night(stack, slack, pager, say);
    await night.play();
    return night.broken;
  } finally {
    await stack?.stop();
    await servers.end();
    await rm(directory, { recursive: true, force: true });
  }
}

async function configure(
  folder: StateFolder,
  { simulatorUrl, choosePort }: StackPlaces,
  slack: Service,
  pager: Service,
): Promise<StackConfiguration> {
  const host = '127.0.0.1';
  const serve = { host, port: await choosePort(0, 'serve') };
  const workerMetrics = { host, port: await choosePort(0, 'metrics') };
  const path = await folder.write(
    'plumbline.yaml',
    `notify:
  channels:
    chat: { kind: slack, token_env: SLACK_TOKEN, channel: C0NIGHT, base_url: "${slack.url}" }
    phone: { kind: pagerduty, routing_key_env: PD_KEY, base_url: "${pager.url}" }
reconciliation:
  interval_minutes: 5
  confirm_interval_seconds: 1
  grace_seconds: 2
  # Usually 10m; shorter here, to play the night fast.
  escalation: [{ after: 0m, channels: [chat] }, { after: 1m, channels: [phone] }]
  reminder_minutes: [30]
accounts:
  ${ACCOUNT}:
    exchange: { id: binanceusdm, base_url: "${simulatorUrl}/binanceusdm", api_key_env: KEY, secret_env: SECRET }
    internal: { kind: http, url: "${simulatorUrl}/bot/state", token_env: BOT_TOKEN }
ledger: { url_env: DATABASE }
serve:
  host: ${host}
  port: ${serve.port}
  public_url: http://${host}:${serve.port}
  link_secret_env: LINK_SECRET
worker: { metrics_host: ${host}, metrics_port: ${workerMetrics.port} }
`,
  );
  const env = {
    KEY: DEMO_CREDENTIALS.apiKey,
    SECRET: DEMO_CREDENTIALS.secret,
    BOT_TOKEN: DEMO_BOT_TOKEN,
    SLACK_TOKEN,
    PD_KEY: ROUTING_KEY,
    LINK_SECRET: randomBytes(32).toString('hex'),
  };
  return { path, serve, workerMetrics, ledgerVariable: 'DATABASE', env };
}

/** The clock of the transcript: it starts at 02:00 and runs as fast as the real one. */
class NightClock {
  private readonly startedAt = Date.now();
  private offsetMs = 2 * 3_600_000;

  now(): string {
    return new Date(Date.now() - this.startedAt + this.offsetMs).toISOString().slice(11, 19);
  }

  /** Sets the clock forward over hours in which nothing happens. */
  skipTo(hours: number): void {
    this.offsetMs = hours * 3_600_000 - (Date.now() - this.startedAt);
  }
}

class Night {
  readonly broken: string[] = [];
  private readonly clock = new NightClock();
  private readonly simulator: SimulatorHand;

  constructor(
    private readonly stack: Stack,
    private readonly slack: Service,
    private readonly pager: Service,
    private readonly print: (line: string) => void,
  ) {
    this.simulator = new SimulatorHand(stack.description.simulatorUrl ?? '');
  }

  async play(): Promise<void> {
    await this.beforehand();
    await this.drift();
    await this.escalation();
    await this.acknowledgedFromThePhone();
    await this.accepted();
    await this.morning();
  }

  private async beforehand(): Promise<void> {
    const bot = { actor: 'bot', symbol: BITCOIN, type: 'market' };
    await this.simulator.post('/sim/orders', { ...bot, side: 'buy', amount: '0.5', client_order_id: 'bot-entry' });
    await this.plumbline('apply', '--by', 'ada');
    await this.plumbline('run', ACCOUNT);
    this.say('Bot and exchange agree: 0.5 BTC long. The gate is open.');
    this.expect('the gate is open at the beginning', (await this.gate()).open);
  }

  private async drift(): Promise<void> {
    this.slack.isUp = false;
    this.say('Slack is down (its API answers 503). Somebody sells 0.2 BTC by hand at the exchange.');
    await this.simulator.post('/sim/orders', {
      actor: 'manual',
      symbol: BITCOIN,
      side: 'sell',
      type: 'market',
      amount: '0.2',
    });
    await this.plumbline('run', ACCOUNT, 1);
    const gate = await this.gate();
    this.say(`Plumbline confirms the drift. Gate: ${gate.open ? 'OPEN' : 'CLOSED'}: ${gate.reasons.join('; ')}`);
    this.expect('the gate is closed with the verdict', !gate.open);
    await this.until('Slack was tried', () => this.slack.received.length > 0);
    this.say(
      `The first rung calls: chat (Slack). Slack answers ${this.slack.received.at(-1)?.status}; it is tried again.`,
    );
  }

  private async escalation(): Promise<void> {
    await this.until('PagerDuty was called', () => this.pager.received.length > 0, 180_000);
    const [first] = this.pager.received;
    const payload = first?.body['payload'] as { summary?: string; severity?: string } | undefined;
    this.say(
      `Nobody has been reached. The second rung calls: phone (PagerDuty), ${String(first?.body['event_action'])}, severity ${payload?.severity}.`,
    );
    this.say(`    "${payload?.summary}"`);
    this.expect('PagerDuty accepted the event', first?.status === 202);
  }

  private async acknowledgedFromThePhone(): Promise<void> {
    const link = this.linkOf(this.pager.received[0]?.body);
    this.expect('the message has a link', link !== null);
    if (link === null) return;
    const page = await fetch(link);
    const html = await page.text();
    this.say(
      `ada opens the link on the phone (${page.status}). The page shows the state, and asks for a confirmation.`,
    );
    this.expect('opening the link acknowledges nothing', (await this.intervention())?.state === 'open');
    this.expect('the page names the symbol', html.includes('BTC/USDT:USDT'));
    const form = new URLSearchParams({ name: 'ada', note: 'I have it, looking', act: 'acknowledge' });
    for (const [, name = '', value = ''] of html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g))
      form.set(name, value);
    const answered = await fetch(link, {
      method: 'POST',
      body: form,
      headers: { origin: new URL(link).origin },
      redirect: 'manual',
    });
    this.say(`ada presses "I have it" (${answered.status}).`);
    await this.until('the intervention is acknowledged', async () => (await this.intervention()) === null);
    const again = await fetch(link, {
      method: 'POST',
      body: form,
      headers: { origin: new URL(link).origin },
      redirect: 'manual',
    });
    this.say(`The same link a second time: ${again.status}.`);
    const gate = await this.gate();
    this.say(`Gate: ${gate.open ? 'OPEN' : 'CLOSED'}: ${gate.reasons.join('; ')}`);
    this.expect('acknowledging does not open the gate while a discrepancy is open', !gate.open);
    this.slack.isUp = true;
    this.say('Slack is back.');
    await this.until('PagerDuty knows', () =>
      this.pager.received.some(({ body }) => body['event_action'] === 'acknowledge'),
    );
    this.say('PagerDuty receives "acknowledge" for the same incident.');
  }

  private async accepted(): Promise<void> {
    const before = Date.now();
    const out = await this.plumbline(
      'accept',
      ACCOUNT,
      '--by',
      'ada',
      '--for',
      '8h',
      '--note',
      'sold by hand, bought back in the morning',
    );
    const asked = Date.now();
    await this.until('the gate is open', async () => (await this.gate()).open);
    this.say(`ada accepts it until the morning: ${out.trim().split('\n').at(-1)}`);
    this.say(
      `The gate is open ${((Date.now() - asked) / 1000).toFixed(1)} s after the command ended (the command took ${((asked - before) / 1000).toFixed(1)} s).`,
    );
    this.expect('the gate follows within a second', Date.now() - asked < 1_000);
  }

  private async morning(): Promise<void> {
    this.clock.skipTo(7.5);
    await this.simulator.post('/sim/orders', {
      actor: 'manual',
      symbol: BITCOIN,
      side: 'buy',
      type: 'market',
      amount: '0.2',
    });
    this.say('ada buys the 0.2 BTC back.');
    await this.plumbline('run', ACCOUNT);
    await this.until('PagerDuty resolved it', () =>
      this.pager.received.some(({ body }) => body['event_action'] === 'resolve'),
    );
    const keys = new Set(this.pager.received.map(({ body }) => body['dedup_key']));
    this.say(
      `Both sides agree. PagerDuty receives "resolve"; all its events have ${keys.size === 1 ? 'one key' : `${keys.size} keys`}.`,
    );
    this.expect('PagerDuty has one incident', keys.size === 1);
    const gate = await this.gate();
    this.expect('the gate is open', gate.open);
    this.say((await this.plumbline('verify', ACCOUNT)).trim());
    this.say('The ledger:');
    for (const line of (await this.plumbline('events', ACCOUNT)).trim().split('\n')) this.print(`    ${line}`);
  }

  private say(text: string): void {
    this.print(`${this.clock.now()}  ${text}`);
  }

  private expect(what: string, holds: boolean): void {
    if (holds) return;
    this.broken.push(what);
    this.print(`          NOT AS EXPECTED: ${what}`);
  }

  private async until(what: string, holds: () => boolean | Promise<boolean>, milliseconds = 60_000): Promise<void> {
    const deadline = Date.now() + milliseconds;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`It did not happen within ${milliseconds / 1000} s: ${what}`);
      await sleep(50);
    }
  }

  /** @param args the command line, and at its end the exit code that is expected (0) */
  private async plumbline(...args: (string | number)[]): Promise<string> {
    const last = args.at(-1);
    const expected = typeof last === 'number' ? last : 0;
    const words = args.filter((arg) => typeof arg === 'string');
    const env = {
      ...process.env,
      ...this.stack.description.env,
      PLUMBLINE_STATE: this.stack.folder.path,
      NO_COLOR: '1',
    };
    const config = words[0] === 'apply' ? ['--config', this.stack.description.configPath] : [];
    const result = await run(process.execPath, [commandLine, ...words, ...config], { env }).catch(
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    const code = 'code' in result ? result.code : 0;
    if (code !== expected)
      throw new Error(`plumbline ${words.join(' ')} ended with ${code}: ${result.stdout}${result.stderr}`);
    return result.stdout;
  }

  private async gate(): Promise<{ open: boolean; reasons: string[] }> {
    return (await this.ask('gate')) as { open: boolean; reasons: string[] };
  }

  private async intervention(): Promise<{ state: string } | null> {
    const { interventions } = (await this.ask('interventions')) as { interventions: { state: string }[] };
    return interventions.find(({ state }) => state !== 'acknowledged') ?? null;
  }

  private async ask(what: string): Promise<unknown> {
    return (await fetch(`${this.stack.description.serveUrl}/v1/accounts/${ACCOUNT}/${what}`)).json();
  }

  private linkOf(body: unknown): string | null {
    const [link] = /http:\/\/127\.0\.0\.1:\d+\/a\/[\w.~-]+/.exec(JSON.stringify(body) ?? '') ?? [];
    return link ?? null;
  }
}
