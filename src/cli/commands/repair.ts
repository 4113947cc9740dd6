import { Option } from 'commander';
import type { Cli, DefineCommand } from '../context/cli.js';
import type { CommandContext } from '../context/command-context.js';
import { CommandError, suggestion } from '../context/errors.js';
import type { ExitCode } from '../context/exit-code.js';
import { EXIT } from '../context/exit-code.js';
import { presentDocument } from '../../report/present-document.js';
import { presentLines } from '../render/present.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, outputOption } from '../context/options.js';
import { isNothing, planOf, stepsOf, type Found } from '../repair/plan.js';
import { endOf, OTHER_DEPLOYMENT_REMEDY } from '../../watch/diagnose.js';
import { findingOf } from '../status/workflow-says.js';

type Options = ConfigOption & ByOption & OutputOption & { yes?: boolean };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Restarts an account whose workflow is gone or fails its tasks: records what it had not recorded, ends it, and ' +
        "starts it again with the ledger's streak, pause and open intervention. Without --yes it only shows what it would do.",
    )
    .argument('<account>', "the account's name in the configuration")
    .addOption(new Option('--yes', 'do it'))
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .addHelpText('after', '\nExit codes: 0 repaired, or nothing to repair; 2 not done.')
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => repair(account, options, context, cli)),
      ),
    );
};

async function repair(account: string, options: Options, context: CommandContext, cli: Cli): Promise<ExitCode> {
  const { by } = options;
  const [client, ledger, { investigate, carryOut }] = await Promise.all([
    context.client(),
    context.ledger(),
    import('../repair/repair.js'),
  ]);
  const request = { account, by, client, ledger, configured: await configuredRules(context, account) };
  const found = await investigate(request);
  await refuseUnknown(found, context);
  const plan = planOf(found);
  const nothing = isNothing(plan);
  const steps = stepsOf(plan, found.totals);
  const done = !nothing && options.yes === true ? await carryOut(request, found, plan) : null;
  const remark = nothing ? await whatElse(found, context) : null;
  const present = await (await context.acts()).present(account);
  const exit = nothing || done !== null ? EXIT.ok : EXIT.failed;
  if (options.output === 'json') {
    cli.printJson({
      account,
      found: plan.found,
      steps: done ?? steps,
      done: done !== null,
      remark,
      ...presentDocument(present),
    });
    return exit;
  }
  const { style } = cli;
  if (nothing)
    cli.print(cli.sentences(`${style.strong(account)}: nothing to repair${remark === null ? '' : `; ${remark}`}`));
  else {
    cli.print(
      cli.sentences(
        ...plan.found.map((line) => style.bad(line)),
        ...(done ?? steps).map((step) => `  ${done === null ? 'would' : style.good('✓')} ${step}`),
      ),
    );
    if (done === null) cli.note(`not done; \`plumbline repair ${account} --yes\` does it`);
  }
  cli.print(presentLines(present, style, cli.io.stdout));
  return exit;
}

/** Why the account is not checked although no repair is needed; null if there is no reason. */
async function whatElse({ account, totals }: Found, context: CommandContext): Promise<string | null> {
  if (totals?.active === false) return 'it is stopped; `plumbline apply` starts what the file enables';
  const client = await context.client();
  const { viewAccounts } = await import('../../watch/temporal-view.js');
  const active = new Map(totals === null ? [] : [[account, totals]]);
  const finding = findingOf(account, totals, await viewAccounts(client, new Set([account]), active), new Date());
  return finding === null ? null : `${finding.text}: ${finding.remedy}`;
}

async function configuredRules(context: CommandContext, account: string) {
  const { accounts } = await context.config();
  const config = accounts.find(({ name }) => name === account);
  return config === undefined ? null : { exchange: config.exchange.id, policy: config.policy };
}

async function refuseUnknown({ account, totals, workflow }: Found, context: CommandContext): Promise<void> {
  if (workflow.kind === 'not_found' && workflow.heldBy !== undefined) {
    throw new CommandError(`${account}: its workflow ${endOf(workflow)}`, OTHER_DEPLOYMENT_REMEDY);
  }
  if (totals !== null || workflow.kind === 'running') return;
  const names = (await (await context.ledger()).accounts()).map((each) => each.account);
  throw new CommandError(`neither ledger nor Temporal knows an account "${account}"`, suggestion(account, names));
}
