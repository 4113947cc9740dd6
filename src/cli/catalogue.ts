import type { DefineCommand } from './context/cli.js';

export interface CatalogueEntry {
  name: string;
  group: string;
  summary: string;
  /** Loaded only if the command line names the command, so other commands do not pay for its imports. */
  load(): Promise<{ define: DefineCommand }>;
}

const JUDGE = 'Judge';
const STEER = 'Steer';
const READ = 'Read the ledger';
const PEOPLE = 'Interventions';
const RUN = 'Run Plumbline';

/** All commands except `dev`, in the order of the help. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: 'compare',
    group: JUDGE,
    summary: 'compare two snapshot files: no network, nothing recorded',
    load: () => import('./commands/compare.js'),
  },
  {
    name: 'diff',
    group: JUDGE,
    summary: 'one observation of an account from this process; nothing recorded',
    load: () => import('./commands/diff.js'),
  },
  {
    name: 'check',
    group: JUDGE,
    summary: 'check that a run would succeed: secrets, key, clock, scopes, internal state',
    load: () => import('./commands/check.js'),
  },
  {
    name: 'run',
    group: JUDGE,
    summary: 'run the reconciliation of an account now and wait for its verdict',
    load: () => import('./commands/run.js'),
  },
  {
    name: 'status',
    group: READ,
    summary: 'the state of all accounts, or of one',
    load: () => import('./commands/status.js'),
  },
  { name: 'runs', group: READ, summary: 'the runs of an account', load: () => import('./commands/runs.js') },
  { name: 'events', group: READ, summary: 'the events of an account', load: () => import('./commands/events.js') },
  {
    name: 'discrepancies',
    group: READ,
    summary: 'the open and past discrepancies of an account',
    load: () => import('./commands/discrepancies.js'),
  },
  {
    name: 'explain',
    group: READ,
    summary: 'explain a word that Plumbline prints, or a key of an account',
    load: () => import('./commands/explain.js'),
  },
  {
    name: 'verify',
    group: READ,
    summary: "prove the ledger's hash chain, sequence and totals",
    load: () => import('./commands/verify.js'),
  },
  {
    name: 'interventions',
    group: PEOPLE,
    summary: 'interventions, open ones first',
    load: () => import('./commands/interventions.js'),
  },
  {
    name: 'acknowledge',
    group: PEOPLE,
    summary: 'close an open intervention, with a note; open discrepancies keep the trading gate closed',
    load: () => import('./commands/acknowledge.js'),
  },
  {
    name: 'accept',
    group: PEOPLE,
    summary: 'accept open discrepancies as they are, until a time: they do not close the trading gate meanwhile',
    load: () => import('./commands/accept.js'),
  },
  {
    name: 'resolve',
    group: PEOPLE,
    summary: 'close open discrepancies by hand that no run can close: their symbol or scope is gone',
    load: () => import('./commands/resolve.js'),
  },
  {
    name: 'snooze',
    group: PEOPLE,
    summary: 'silence the reminders of an open intervention for a while',
    load: () => import('./commands/snooze.js'),
  },
  {
    name: 'notify',
    group: PEOPLE,
    summary: 'send a test message on one channel or all: `plumbline notify test`',
    load: () => import('./commands/notify.js'),
  },
  {
    name: 'apply',
    group: STEER,
    summary: 'start, reconfigure and stop reconciliations to match the file',
    load: () => import('./commands/apply.js'),
  },
  {
    name: 'repair',
    group: STEER,
    summary: "restart an account whose workflow is gone or stuck, with the ledger's state",
    load: () => import('./commands/repair.js'),
  },
  {
    name: 'force-run',
    group: STEER,
    summary: 'ask for a run without waiting for it',
    load: () => import('./commands/force-run.js'),
  },
  {
    name: 'pause',
    group: STEER,
    summary: 'pause the schedule of an account',
    load: () => import('./commands/pause.js'),
  },
  { name: 'resume', group: STEER, summary: 'resume a paused account', load: () => import('./commands/resume.js') },
  {
    name: 'init',
    group: RUN,
    summary: 'write a plumbline.yaml: finds the bot, asks for the rest, checks it, says what to do next',
    load: () => import('./commands/init.js'),
  },
  {
    name: 'worker',
    group: RUN,
    summary: 'the process that observes and judges',
    load: () => import('./commands/worker.js'),
  },
  {
    name: 'versions',
    group: RUN,
    summary: 'the versions of the workers; `versions promote` and `versions rollback` change which one gets the work',
    load: () => import('./commands/versions.js'),
  },
  {
    name: 'serve',
    group: RUN,
    summary: 'the process that serves metrics, trading gate and read API',
    load: () => import('./commands/serve.js'),
  },
  {
    name: 'token',
    group: RUN,
    summary: 'make a token for the HTTP API: `plumbline token new`',
    load: () => import('./commands/token.js'),
  },
  {
    name: 'migrate',
    group: RUN,
    summary: 'ledger schema and Temporal search attributes; safe to repeat',
    load: () => import('./commands/migrate.js'),
  },
  {
    name: 'simulate',
    group: RUN,
    summary: 'the exchange simulator alone',
    load: () => import('./commands/simulate.js'),
  },
];

/** `dev` defines its own command; the help shows this summary until `dev` itself is named. */
export const DEV = {
  name: 'dev',
  group: RUN,
  summary: 'everything on this machine: Temporal, PostgreSQL, worker, serve, and a demo',
} as const;

/** Loaded on demand like `dev`, because it reads this catalogue. */
export const COMPLETION = {
  name: 'completion',
  group: RUN,
  summary: 'the completion script for bash, zsh or fish',
};

/** Commands of earlier versions and their new names. An old name is refused with the new one. */
export const RENAMED_COMMANDS: Readonly<Record<string, string>> = { look: 'diff' };
