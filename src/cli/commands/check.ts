import { Option } from 'commander';
import type { AccountConfig } from '../../config/config.js';
import { mapBounded } from '../../watch/bounded.js';
import { capacityOf, capacityRemedy, capacityText, type Capacity } from '../check/capacity.js';
import type { AccountCheck } from '../check/check-answer.js';
import type { CheckDocument } from '../check/check-document.js';
import type { DefineCommand } from '../context/cli.js';
import type { CommandContext } from '../context/command-context.js';
import { CommandError, reportOf } from '../context/errors.js';
import { EXIT } from '../context/exit-code.js';
import { observationDeadline } from '../steps/deadline.js';
import type { ConfigOption, OutputOption } from '../context/options.js';
import { configOption, durationMs, outputOption } from '../context/options.js';
import { renderCheck, renderReported, type Reported } from '../render/check.js';

type Options = ConfigOption & OutputOption & { deadline: number };

/** Number of accounts that are checked at the same time. */
const CONCURRENCY = 16;

/**
 * Reads from this process, as `diff` does, and not through a worker. It is run on the machine that will hold the
 * worker, with its environment, before there is a worker. So it checks the secrets, the clock and the network path that
 * the worker will have.
 */
export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Checks, before the first run or after a change, that a run would succeed: configuration and secrets, reachability, clock, ' +
        'what the key may do, position mode, markets, each scope with what it costs, the internal state and its symbols. It ' +
        'makes each call once, needs no worker and records nothing. Run it where the worker runs.',
    )
    .argument('[account]', 'only this account (default: all that are enabled)')
    .addOption(new Option('--deadline <time>', 'when to give up').argParser(durationMs).default(60_000, '60s'))
    .addOption(configOption())
    .addOption(outputOption())
    .addHelpText('after', '\nExit codes: 0 a run would succeed, 1 a run would fail, 2 it could not be checked.')
    .action(
      cli.action(async (name: string | undefined, options: Options) =>
        cli.using(options, async (context) => {
          const accounts = await chosen(context, name);
          const [ledger, answers] = await Promise.all([
            checkLedger(context),
            mapBounded(accounts, { concurrency: CONCURRENCY }, async (account) =>
              checkOne(context, account, options.deadline),
            ),
          ]);
          const capacity = await capacityOfAll(context, answers);
          const ready = ledger.state !== 'failed' && answers.every((answer) => answer.ready);
          if (options.output === 'json') {
            const { accountCheckDocument, capacityDocument } = await import('../check/check-document.js');
            const document: CheckDocument = {
              ready,
              ledger,
              accounts: answers.map(accountCheckDocument),
              capacity: capacity.map(capacityDocument),
            };
            cli.printJson(document);
          } else {
            const { columns } = cli.io.stdout;
            cli.print([
              ...answers.flatMap((answer) => [...renderCheck(answer, cli.style, columns), '']),
              ...renderReported([{ name: 'ledger', ...ledger }, ...capacity.map(reportedCapacity)], cli.style, columns),
            ]);
          }
          return ready ? EXIT.ok : EXIT.notReady;
        }),
      ),
    );
};

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
    return { state: 'skipped', text: `not asked: ${reportOf(error).message}`, remedy: null };
  }
  try {
    await (await context.ledger()).ping();
    return { state: 'ok', text: 'reachable, its schema is up to date', remedy: null };
  } catch (error) {
    const { message, remedy } = reportOf(error);
    return { state: 'failed', text: message, remedy };
  }
}
