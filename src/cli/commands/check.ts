import { Option } from 'commander';
import type { AccountConfig, SecretSource } from '../../config/config.js';
import { mapBounded } from '../../runtime/map-bounded.js';
import { capacityOf, capacityRemedy, capacityText, type Capacity } from '../check/capacity.js';
import type { AccountCheck } from '../check/check-answer.js';
import type { CheckDocument } from '../check/check-document.js';
import type { NotifyCheck } from '../check/check-notify.js';
import type { Cli, DefineCommand } from '../context/cli.js';
import type { CommandContext } from '../context/command-context.js';
import { CommandError, reportOf } from '../context/errors.js';
import { EXIT } from '../context/exit-code.js';
import { observationDeadline } from '../steps/deadline.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, durationMs, outputOption } from '../context/options.js';
import { reportedTest } from '../render/channel-test.js';
import { renderCheck, renderReported, type Reported } from '../render/check.js';

type Options = ConfigOption & OutputOption & ByOption & { deadline: number; notify?: boolean };

/** Number of accounts that are checked at the same time. */
const CONCURRENCY = 16;

export const CHECK_DEADLINE_MS = 60_000;

/**
 * Reads from this process, as `diff` does, and not through a worker. It is run on the machine that will hold the
 * worker, with its environment, before there is a worker. So it checks the secrets, the clock and the network path that
 * the worker will have.
 */
export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Checks, before the first run or after a change, that a run would succeed: configuration and secrets, reachability, clock, ' +
        'what the key may do, position mode, markets, each scope with what it costs, the internal state and its symbols, and ' +
        'the channels that reach people. It makes each call once, needs no worker and records nothing. Run it where the worker ' +
        'runs.',
    )
    .argument('[account]', 'only this account (default: all that are enabled)')
    .addOption(
      new Option('--deadline <time>', 'when to give up').argParser(durationMs).default(CHECK_DEADLINE_MS, '60s'),
    )
    .addOption(new Option('--notify', 'also send a test message on each channel'))
    .addOption(byOption())
    .addOption(configOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 a run would succeed, 1 a run would fail or a channel cannot be used, 2 it could not be checked.',
    )
    .action(
      cli.action(async (name: string | undefined, options: Options) =>
        cli.using(options, async (context) => {
          const { ready, document, lines } = await runCheck(context, cli, name, options);
          if (options.output === 'json') cli.printJson(await document());
          else cli.print(lines());
          return ready ? EXIT.ok : EXIT.notReady;
        }),
      ),
    );
};

export interface CheckRun {
  /** Whether a run would succeed, and every channel can be used. */
  ready: boolean;
  document: () => Promise<CheckDocument>;
  lines: () => string[];
}

/** Checks one account or all that are enabled, and the channels. `plumbline init` also ends with it. */
export async function runCheck(
  context: CommandContext,
  cli: Cli,
  name: string | undefined,
  options: Pick<Options, 'deadline' | 'notify' | 'by'>,
): Promise<CheckRun> {
  const accounts = await chosen(context, name);
  const [ledger, answers] = await Promise.all([
    checkLedger(context),
    mapBounded(accounts, { concurrency: CONCURRENCY }, async (account) => checkOne(context, account, options.deadline)),
  ]);
  const capacity = await capacityOfAll(context, answers);
  const notify = await checkPeople(context, cli, accounts, options);
  const ready =
    ledger.state !== 'failed' &&
    answers.every((answer) => answer.ready) &&
    notify.every(({ state }) => state !== 'failed');
  return {
    ready,
    document: async () => {
      const { accountCheckDocument, capacityDocument } = await import('../check/check-document.js');
      return {
        ready,
        ledger,
        accounts: answers.map(accountCheckDocument),
        notify,
        capacity: capacity.map(capacityDocument),
      };
    },
    lines: () => {
      const { columns } = cli.io.stdout;
      return [
        ...answers.flatMap((answer) => [...renderCheck(answer, cli.style, columns), '']),
        ...renderReported(
          [{ name: 'ledger', ...ledger }, ...capacity.map(reportedCapacity), ...notify],
          cli.style,
          columns,
        ),
      ];
    },
  };
}

async function chosen(context: CommandContext, name: string | undefined): Promise<AccountConfig[]> {
  if (name !== undefined) return [await context.account(name)];
  const { accounts, path } = await context.config();
  const enabled = accounts.filter((account) => account.enabled);
  if (enabled.length > 0) return enabled;
  throw new CommandError(`${path} has no account that is enabled`, 'enable one, or name the account to check');
}

/** Covers all enabled accounts, even if one is checked, because they share the address. */
async function capacityOfAll(context: CommandContext, answers: readonly AccountCheck[]): Promise<Capacity[]> {
  const weights = answers.flatMap(({ account, cost }): [string, number][] =>
    cost === null ? [] : [[account.name, cost.weight]],
  );
  return capacityOf((await context.config()).accounts, new Map(weights));
}

/** With `--notify`, each configured channel gets a test message, and its result replaces the check of the channel. */
async function checkPeople(
  context: CommandContext,
  cli: Cli,
  accounts: readonly AccountConfig[],
  { notify = false, by }: Pick<Options, 'notify' | 'by'>,
): Promise<NotifyCheck[]> {
  const config = await context.config();
  const { checkNotify } = await import('../check/check-notify.js');
  const resolveSecret = (source: SecretSource, what: string): string => context.secret(source, what);
  const checks = checkNotify(config, accounts, { resolveSecret, redactor: cli.redactor });
  const names = config.notify.channels.map(({ name }) => name);
  if (!notify || names.length === 0) return checks;
  const { testChannels } = await import('../steps/test-channels.js');
  const tests = await testChannels({ context, cli, names, by });
  const tested = new Map(tests.map((test) => [`channel ${test.channel}`, reportedTest(test)]));
  return checks.map((check) => {
    const test = tested.get(check.name);
    return test === undefined ? check : { ...check, state: test.state, text: test.text, remedy: test.remedy };
  });
}

function reportedCapacity(capacity: Capacity): Reported {
  const remedy = capacityRemedy(capacity);
  return { name: 'capacity', state: remedy === null ? 'ok' : 'warning', text: capacityText(capacity), remedy };
}

async function checkOne(context: CommandContext, account: AccountConfig, deadlineMs: number): Promise<AccountCheck> {
  const { checkAccount } = await import('../check/check.js');
  const deadline = observationDeadline(deadlineMs, 'check');
  return context.withSides(account.name, async ({ exchange, internal }) =>
    checkAccount(
      { account, exchange, internal },
      { signal: deadline.signal, now: Date.now, explain: (error) => deadline.explain(error) },
    ),
  );
}

/**
 * Runs are recorded in the ledger. It is skipped if this process has no ledger URL: the rest can be checked without it.
 */
async function checkLedger(context: CommandContext): Promise<CheckDocument['ledger']> {
  try {
    await context.ledgerUrl();
  } catch (error) {
    return {
      state: 'skipped',
      text: `not asked: ${reportOf(error).message}; \`plumbline dev\` brings its own`,
      remedy: null,
    };
  }
  try {
    await (await context.ledger()).ping();
    return { state: 'ok', text: 'reachable, its schema is up to date', remedy: null };
  } catch (error) {
    const { message, remedy } = reportOf(error);
    return { state: 'failed', text: message, remedy };
  }
}
