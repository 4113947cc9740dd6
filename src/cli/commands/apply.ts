import { Option } from 'commander';
import type { PlumblineClient } from '../../client.js';
import type { AccountConfig, PlumblineConfig } from '../../config/config.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { ApplyAction, PlannedStep, RunningAccount } from '../apply-plan.js';
import { planOf } from '../apply-plan.js';
import type { Cli, DefineCommand } from '../cli.js';
import type { Context } from '../context.js';
import { reportOf } from '../errors.js';
import { EXIT } from '../exit-code.js';
import type { ByOption, ConfigOption, OutputOption } from '../options.js';
import { byOption, configOption, outputOption } from '../options.js';
import type { Style } from '../render/style.js';

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
        return cli.using(path === undefined ? {} : { config: path }, async (context) => {
          const config = await context.config();
          const client = await context.client();
          const plan = planOf(config.accounts, await runningAccounts(client));
          const dryRun = options.dryRun === true;
          const done = dryRun
            ? plan.map((step) => ({ ...step, error: null }))
            : await carryOut(plan, config, client, options.by);
          if (!dryRun) await tellLedger(done, config, context, cli);
          if (options.output === 'json') {
            cli.printJson({
              dry_run: dryRun,
              accounts: done.map(({ account, action, detail, error }) => ({
                account,
                action: error === null ? action : 'failed',
                detail,
                error: error === null ? null : { message: error.message, remedy: error.remedy },
              })),
            });
          } else if (done.length === 0) cli.note(`${config.path} has no enabled accounts, and none is running`);
          else cli.print(done.filter(({ error }) => error === null).map((step) => renderStep(step, dryRun, cli.style)));
          for (const { error } of done) if (error !== null) cli.tell(error);
          return done.every(({ error }) => error === null) ? EXIT.ok : EXIT.failed;
        });
      }),
    );
};

export function renderStep({ account, action, detail }: PlannedStep, dryRun: boolean, style: Style): string {
  const colours = { created: style.good, configured: style.warning, stopped: style.bad, unchanged: style.faint };
  const remark = detail === null ? '' : style.faint(` (${detail})`);
  return `account/${account} ${colours[action](action)}${dryRun ? ' (dry run)' : ''}${remark}`;
}

async function runningAccounts(client: PlumblineClient): Promise<Map<string, RunningAccount>> {
  const accounts = await client.accounts();
  const answers = await Promise.all(accounts.map(async (name) => [name, await client.status(name)] as const));
  // The list lags behind by moments; a workflow that has ended still answers.
  return new Map(answers.filter(([, { phase }]) => phase !== 'stopped'));
}

type Done = PlannedStep & { error: ReturnType<typeof reportOf> | null };

/** One account that fails does not keep the others from being done. */
async function carryOut(
  plan: readonly PlannedStep[],
  config: PlumblineConfig,
  client: PlumblineClient,
  by: string,
): Promise<Done[]> {
  const done: Done[] = [];
  for (const step of plan) {
    try {
      const action = await carryOutStep(step, config.accounts, client, by);
      done.push({ ...step, action, error: null });
    } catch (error) {
      done.push({ ...step, error: reportOf(error) });
    }
  }
  return done;
}

/** What was really done: an account that the list did not show yet is configured instead of created. */
async function carryOutStep(
  { account, action }: PlannedStep,
  accounts: readonly AccountConfig[],
  client: PlumblineClient,
  by: string,
): Promise<ApplyAction> {
  if (action === 'unchanged') return action;
  if (action === 'stopped') {
    await client.stop(account, by);
    return action;
  }
  const config = accounts.find(({ name }) => name === account);
  if (config === undefined) throw new RangeError(`the plan has "${account}", the file has not`);
  const registration = registrationOf(config);
  if (action === 'created') {
    try {
      await client.start(registration, by);
      return action;
    } catch (error) {
      if (!isAlreadyStarted(error)) throw error;
    }
  }
  await client.reconfigure(registration, by);
  return 'configured';
}

function isAlreadyStarted(error: unknown): boolean {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return false;
  return error.cause.name === 'WorkflowExecutionAlreadyStartedError';
}

/** The workflows tell the ledger too; told here, metrics and gate know an account before its first run has ended. */
async function tellLedger(done: readonly Done[], config: PlumblineConfig, context: Context, cli: Cli): Promise<void> {
  try {
    const ledger: Ledger = await context.ledger();
    for (const { account, action, error } of done) {
      if (error !== null) continue;
      const wanted = config.accounts.find(({ name }) => name === account);
      if (action === 'stopped') await ledger.deactivateAccount(account);
      else if (wanted !== undefined) await ledger.registerAccount(registrationOf(wanted));
    }
  } catch (error) {
    cli.note(`the ledger could not be told (${reportOf(error).message}); the worker tells it when it can`);
  }
}

function registrationOf({ name, exchange, policy }: AccountConfig) {
  return { account: name, exchange: exchange.id, policy };
}
