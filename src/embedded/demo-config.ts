import type { StackConfiguration, StackPlaces } from './stack.js';
import type { StateFolder } from './state-folder.js';

export const demoAccount = 'demo';

/** The credentials that the simulator's demo account was made with. They open nothing else. */
export interface DemoCredentials {
  apiKey: string;
  secret: string;
}

/**
 * Writes the configuration of the demo: one account on the simulator, its bot's state over HTTP. It settles faster than one
 * would on a real exchange, for those who watch.
 */
export async function writeDemoConfiguration(
  folder: StateFolder,
  places: StackPlaces,
  credentials: DemoCredentials,
): Promise<StackConfiguration> {
  const { simulatorUrl, serve, workerMetrics } = places;
  if (simulatorUrl === null) throw new Error('The demo needs the simulator.');
  const path = await folder.write(
    'plumbline.yaml',
    `# Written by \`plumbline dev\` at every start; for one of your own: plumbline dev --config FILE
reconciliation:
  interval_minutes: 30
  failure_threshold: 3
  # Short, so that the demo does not make you wait. On a real exchange leave them at 10 and 30.
  settle_seconds: 1
  grace_seconds: 2
  retry_seconds: 1
accounts:
  ${demoAccount}:
    exchange:
      id: binanceusdm
      base_url: ${simulatorUrl}/binanceusdm
      api_key_env: PLUMBLINE_DEMO_KEY
      secret_env: PLUMBLINE_DEMO_SECRET
    internal:
      kind: http
      url: ${simulatorUrl}/bot/state
ledger:
  url_env: PLUMBLINE_DATABASE_URL
serve:
  host: ${serve.host}
  port: ${serve.port}
worker:
  metrics_host: ${workerMetrics.host}
  metrics_port: ${workerMetrics.port}
`,
  );
  return {
    path,
    serve,
    workerMetrics,
    ledgerVariable: 'PLUMBLINE_DATABASE_URL',
    env: { PLUMBLINE_DEMO_KEY: credentials.apiKey, PLUMBLINE_DEMO_SECRET: credentials.secret },
  };
}
