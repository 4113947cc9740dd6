import { createHash } from 'node:crypto';
import { DEMO_ACCOUNT, DEMO_BOT_TOKEN, DEMO_CREDENTIALS } from '@plumbline/exchange-simulator';
import { loopback } from './ports.js';
import type { StackConfiguration, StackPlaces } from './stack-configuration.js';
import type { StateFolder } from './state-folder.js';

/**
 * Writes the configuration of the demo: one account on the simulator, its bot's state over HTTP. It confirms faster
 * than a real exchange would allow, so that viewers need not wait.
 */
export async function writeDemoConfiguration(folder: StateFolder, places: StackPlaces): Promise<StackConfiguration> {
  const { simulatorUrl, inbox, choosePort } = places;
  if (simulatorUrl === null || inbox === null) throw new Error('The demo needs the simulator and the inbox.');
  const serve = { host: loopback, port: await choosePort(9400, 'plumbline serve') };
  const workerMetrics = { host: loopback, port: await choosePort(9401, "the worker's metrics") };
  // The same after a restart, like the inbox's secret, so that a saved link still works.
  const token = `plb_${createHash('sha256').update(`token ${inbox.secret}`).digest('base64url')}`;
  const path = await folder.write(
    'plumbline.yaml',
    `# Written by \`plumbline dev\` at every start; to use your own file: plumbline dev --config FILE
notify:
  channels:
    # A page on this machine. In a deployment: slack, telegram, pagerduty, email and others, see docs/notifying.md.
    inbox: { kind: webhook, url: "${inbox.webhookUrl}", secret_env: PLUMBLINE_DEMO_INBOX_SECRET }
reconciliation:
  interval_minutes: 30
  failure_threshold: 3
  # Short, so that the demo does not make you wait. On a real exchange keep 10 and 30.
  confirm_interval_seconds: 1
  grace_seconds: 2
  retry_seconds: 3
accounts:
  ${DEMO_ACCOUNT}:
    exchange:
      id: binanceusdm
      base_url: ${simulatorUrl}/binanceusdm
      api_key_env: PLUMBLINE_DEMO_KEY
      secret_env: PLUMBLINE_DEMO_SECRET
    internal:
      kind: http
      url: ${simulatorUrl}/bot/state
      token_env: PLUMBLINE_DEMO_BOT_TOKEN
ledger:
  url_env: PLUMBLINE_DATABASE_URL
serve:
  host: ${serve.host}
  port: ${serve.port}
  public_url: http://${serve.host}:${serve.port}
  link_secret_env: PLUMBLINE_DEMO_LINK_SECRET
  # Everyone on this machine reads; who acts needs the token that \`plumbline dev\` prints. A deployment leaves this line out.
  read_without_token: true
  tokens:
    - { name: demo, role: operator, sha256: ${createHash('sha256').update(token).digest('hex')} }
worker:
  metrics_host: ${workerMetrics.host}
  metrics_port: ${workerMetrics.port}
`,
  );
  return {
    path,
    operatorToken: token,
    serve,
    workerMetrics,
    ledgerVariable: 'PLUMBLINE_DATABASE_URL',
    env: {
      PLUMBLINE_DEMO_KEY: DEMO_CREDENTIALS.apiKey,
      PLUMBLINE_DEMO_SECRET: DEMO_CREDENTIALS.secret,
      PLUMBLINE_DEMO_BOT_TOKEN: DEMO_BOT_TOKEN,
      PLUMBLINE_DEMO_INBOX_SECRET: inbox.secret,
      // The same over restarts, so that links in the inbox keep working.
      PLUMBLINE_DEMO_LINK_SECRET: `links-${inbox.secret}`,
    },
  };
}
