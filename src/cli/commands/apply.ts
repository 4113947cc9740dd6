import { Option } from 'commander';
import type { PlumblineClient } from '../../client.js';
import type { AccountConfig, PlumblineConfig } from '../../config/config.js';
import { profileNotes } from '../check/profile-notes.js';
import { mapBounded } from '../../runtime/map-bounded.js';
import { capacityOf, capacityRemedy, capacityText } from '../check/capacity.js';
import type { ApplyAction, PlannedStep, RunningAccount } from '../steps/apply-plan.js';
import { planOf } from '../steps/apply-plan.js';
import type { Cli, DefineCommand } from '../context/cli.js';
import type { CommandContext } from '../context/command-context.js';
import { CommandError, reportOf, type ErrorReport } from '../context/errors.js';
import { EXIT } from '../context/exit-code.js';
import { count } from '../terminal/count.js';
import { renderPlan, renderStep } from '../render/apply.js';
import { refuseUnknown } from '../steps/known-to-workers.js';
import { forecastOf, type PolicyForecast } from '../steps/drift-forecast.js';
import { progressFor, stepsProgress } from '../context/progress.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, outputOption } from '../context/options.js';

type Options = ConfigOption & ByOption & OutputOption & { file?: string; dryRun?: boolean };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Starts, reconfigures and stops reconciliations so that they match the file. Accounts that are not in the file, ' +
        'or not enabled there, are stopped; their history stays.',
    )
    .addOption(new Option('-f, --file <file>', 'the configuration file (the same as --config)').conflicts('config'))
    .addOption(new Option('--dry-run', 'only print the plan'))
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (options: Options) => {
        const path = options.file ?? options.config;
        return cli.using({ ...options, ...(path !== undefined && { config: path }) }, async (context) => {
          const config = await context.config();
          const client = await context.client();
          reportCapacity(config, cli);
          reportProfiles(config, cli);
          const progress = progressFor(cli);
          if (progress.isDrawn) progress.on('reading which accounts run');
          const seen = await whatRuns(config, client, context).finally(() => progress.off());
          await refuseUnknown(config, {
            ledger: await context.ledger(),
            client,
            stuck: seen.stuck,
            cli,
          });
          const plan = planOf(config.accounts, seen.running);
          const dryRun = options.dryRun === true;
          const done = dryRun
            ? plan.map((step) => ({ ...step, error: seen.stuck.get(step.account) ?? null }))
            : await carryOut(plan, { config, client, context, cli, by: options.by, stuck: seen.stuck });
          const forecasts = dryRun ? await forecastsOf(done, config, context) : new Map<string, PolicyForecast>();
          if (options.output === 'json') {
            cli.printJson({
              dry_run: dryRun,
              accounts: done.map(({ account, action, detail, changes, error }) => ({
                account,
                action: error === null ? action : 'failed',
                detail,
                changes,
                ...forecastDocument(forecasts.get(account)),
                error: error === null ? null : { message: error.message, remedy: error.remedy },
              })),
            });
          } else if (done.length === 0) cli.note(`${config.path} has no enabled accounts, and none is running`);
          else {
            const steps = done.filter(({ error }) => error === null);
            const lines = steps.flatMap((step) =>
              dryRun
                ? renderPlan(step, forecasts.get(step.account) ?? null, cli.style)
                : [renderStep(step, false, cli.style)],
            );
            cli.print(cli.sentences(...lines));
          }
          for (const { error } of done) if (error !== null && error !== NOT_DONE) cli.report(error);
          const left = done.filter(({ error }) => error === NOT_DONE).length;
          if (left > 0) {
            cli.note(`ended before ${count(left, 'account')}; \`plumbline apply\` again does the rest`);
            return EXIT.interrupted;
          }
          return done.every(({ error }) => error === null) ? EXIT.ok : EXIT.failed;
        });
      }),
    );
};

/** Below this share of the rate limit the capacity is not printed. */
const WORTH_SAYING = 0.1;

function reportCapacity(config: PlumblineConfig, cli: Cli): void {
  for (const capacity of capacityOf(config.accounts).filter(({ share }) => share >= WORTH_SAYING)) {
    const remedy = capacityRemedy(capacity);
    cli.note(remedy === null ? capacityText(capacity) : `${cli.style.warning('warning:')} ${capacityText(capacity)}`);
    if (remedy !== null) cli.note(`${cli.style.strong('what to do:')} ${remedy}`);
  }
}

function reportProfiles({ accounts }: PlumblineConfig, cli: Cli): void {
  for (const { account, warning, text } of profileNotes(accounts)) {
    cli.note(`${account}: ${cli.style.warning(`${warning}:`)} ${text}`);
  }
}

/** Number of accounts that are started, reconfigured or stopped at the same time. */
const CONCURRENCY = 16;
/** Time limit for one account. */
const STEP_MS = 30_000;

interface Seen {
  /** The accounts whose workflow runs on this task queue, each with its settings in the ledger. */
  running: Map<string, RunningAccount | null>;
  /** Accounts that `apply` leaves alone, and why: their workflow no longer works, or belongs to another deployment. */
  stuck: Map<string, ErrorReport>;
}

/** Reads the ledger and Temporal's descriptions. It queries no workflow, so no workflow can delay it. */
async function whatRuns(config: PlumblineConfig, client: PlumblineClient, context: CommandContext): Promise<Seen> {
  const { viewFleet } = await import('../../watch/temporal-view.js');
  const { endOf, OTHER_DEPLOYMENT_REMEDY } = await import('../../watch/diagnose.js');
  // Only the ledger knows which of the workflows belong to this deployment.
  const ledger = await context.ledger();
  const totals = new Map((await ledger.accounts()).map((account) => [account.account, account]));
  const active = new Map([...totals].filter(([, account]) => account.active));
  const names = new Set([...active.keys(), ...config.accounts.map(({ name }) => name)]);
  const { accounts } = await viewFleet(client, names, active, undefined, totals);
  const seen: Seen = { running: new Map(), stuck: new Map() };
  for (const [account, { workflow, taskFailure }] of accounts) {
    if (workflow.kind === 'not_found' && workflow.heldBy !== undefined && isWanted(config, account)) {
      const report = new CommandError(`${account}: its workflow ${endOf(workflow)}`, OTHER_DEPLOYMENT_REMEDY);
      seen.stuck.set(account, reportOf(report));
    }
    // Deployments that share a ledger leave each other's accounts alone.
    if (workflow.kind === 'not_found' || workflow.taskQueue !== client.taskQueue) continue;
    const known = totals.get(account);
    const isActive = known?.active === true;
    // A workflow that has ended although the ledger has its account as active is started again, or stopped for good.
    if (workflow.kind === 'ended' && (!isActive || isWanted(config, account))) continue;
    seen.running.set(
      account,
      known !== undefined && isActive ? { exchange: known.exchange, policy: known.policy } : null,
    );
    if (workflow.kind === 'running' && workflow.taskAttempt > 1) {
      seen.stuck.set(account, stuckReport(account, workflow.taskAttempt, taskFailure));
    }
  }
  return seen;
}

function isWanted(config: PlumblineConfig, account: string): boolean {
  return config.accounts.some(({ name, enabled }) => enabled && name === account);
}

function stuckReport(account: string, attempt: number, failure: string | null): ErrorReport {
  return reportOf(
    new CommandError(
      `${account} makes no progress: its workflow task fails (attempt ${attempt}): ${failure ?? 'see the log of the worker'}`,
      `\`plumbline repair ${account}\` shows what is needed, and with --yes does it; then apply again`,
    ),
  );
}

/** Open discrepancies of one account that a dry run looks at. */
const MAX_FORECAST = 10_000;
/** The fields that decide what happens with a drift. */
const DRIFT_FIELDS = ['drift', 'intervene_on'];

/** What becomes of open discrepancies, by account, where the rules for drifts change. */
async function forecastsOf(
  steps: readonly Done[],
  { accounts }: PlumblineConfig,
  context: CommandContext,
): Promise<Map<string, PolicyForecast>> {
  const changed = steps.filter(({ changes }) => changes.some(({ field }) => DRIFT_FIELDS.includes(field)));
  if (changed.length === 0) return new Map();
  const ledger = await context.ledger();
  const forecasts = await mapBounded(changed, { concurrency: CONCURRENCY }, async ({ account }) => {
    const totals = await ledger.account(account);
    const policy = accounts.find(({ name }) => name === account)?.policy;
    if (totals === null || policy === undefined) return [];
    const open = await ledger.discrepancies(account, { state: 'open', limit: MAX_FORECAST });
    return open.length === 0 ? [] : [[account, forecastOf(totals, open, policy)] as const];
  });
  return new Map(forecasts.flat());
}

function forecastDocument(forecast: PolicyForecast | undefined) {
  if (forecast === undefined) return {};
  const { drifts, gate } = forecast;
  return {
    discrepancies: drifts.map(({ row, before, after, calls }) => ({
      id: row.id,
      type: row.type,
      symbol: row.symbol,
      before: { action: before.action, close_gate: before.closeGate },
      calls,
      after: after.map(({ action, closeGate, rule, from }) => ({
        action,
        close_gate: closeGate,
        rule,
        from_value: from,
      })),
    })),
    gate: {
      open_now: gate.now.open,
      open_afterwards: gate.afterwards === 'depends on values' ? null : gate.afterwards.open,
      reasons_afterwards: gate.afterwards === 'depends on values' ? null : gate.afterwards.reasons,
    },
  };
}

type Done = PlannedStep & { error: ErrorReport | null };

/** For the accounts that were left when the person ended the command. */
const NOT_DONE = reportOf(new CommandError('not done: the command was ended before', 'apply again'));

interface Undertaking {
  config: PlumblineConfig;
  client: PlumblineClient;
  context: CommandContext;
  cli: Cli;
  by: string;
  stuck: ReadonlyMap<string, ErrorReport>;
}

/**
 * If one account fails, the others are still carried out. After Ctrl-C, those under way are finished and no others are
 * begun.
 */
async function carryOut(plan: readonly PlannedStep[], undertaking: Undertaking): Promise<Done[]> {
  const { client, stuck, cli } = undertaking;
  const unreported: string[] = [];
  const signal = cli.io.takeSignals();
  const progress = stepsProgress(progressFor(cli), plan.filter(({ action }) => action !== 'unchanged').length);
  const done = await mapBounded(plan, { concurrency: CONCURRENCY }, async (step): Promise<Done> => {
    const error = stuck.get(step.account);
    if (error !== undefined) return { ...step, error };
    if (signal.aborted && step.action !== 'unchanged') return { ...step, error: NOT_DONE };
    try {
      const action = await client.within(STEP_MS, async () => carryOutStep(step, undertaking));
      await registerInLedger({ ...step, action }, undertaking).catch((failure: unknown) => {
        unreported.push(reportOf(failure).message);
      });
      return { ...step, action, error: null };
    } catch (failure) {
      return { ...step, error: reportOf(failure) };
    } finally {
      if (step.action !== 'unchanged') progress.one();
    }
  });
  progress.end();
  if (unreported.length > 0)
    cli.note(`the ledger could not be updated (${unreported[0]}); the worker updates it when it can`);
  return done;
}

/** The step that was really taken: an account that Temporal did not list yet is reconfigured instead of created. */
async function carryOutStep(
  { account, action }: PlannedStep,
  { config, client, by }: Undertaking,
): Promise<ApplyAction> {
  if (action === 'unchanged') return action;
  if (action === 'stopped') {
    await stop(account, client, by);
    return action;
  }
  const registration = registrationOf(config.accounts, account);
  if (action === 'created') {
    try {
      await client.start(registration, by, { via: 'cli' });
      return action;
    } catch (error) {
      if (!isCausedBy(error, 'WorkflowExecutionAlreadyStartedError')) throw error;
    }
  }
  await client.reconfigure(registration, by, { via: 'cli' });
  return 'configured';
}

/** A workflow that has ended needs no stopping; only the ledger still has to record it. */
async function stop(account: string, client: PlumblineClient, by: string): Promise<void> {
  try {
    await client.stop(account, by, { via: 'cli' });
  } catch (error) {
    if (!isCausedBy(error, 'WorkflowNotFoundError')) throw error;
  }
}

/** Compares the name, because importing the class would load Temporal's client for every command. */
function isCausedBy(error: unknown, name: string): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.name === name;
}

/**
 * The workflows register too. Registering here makes metrics and gate know an account before its first run has ended.
 */
async function registerInLedger({ account, action }: PlannedStep, { config, context, by }: Undertaking): Promise<void> {
  if (action === 'unchanged') return;
  const ledger = await context.ledger();
  if (action === 'stopped') await ledger.deactivateAccount(account, by, 'cli');
  else await ledger.registerAccount({ ...registrationOf(config.accounts, account), by, via: 'cli' });
}

function registrationOf(accounts: readonly AccountConfig[], account: string) {
  const config = accounts.find(({ name }) => name === account);
  if (config === undefined) throw new RangeError(`the plan names "${account}", which the file does not have`);
  return { account, exchange: config.exchange.id, policy: config.policy };
}
