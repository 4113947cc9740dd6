import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { tradingGateField, tradingGateLine, tradingGateNow } from '../steps/trading-gate-now.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, outputOption } from '../context/options.js';

type Options = ConfigOption & ByOption & OutputOption;

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Requests a run without waiting for it. It works while the account is paused and does not shift the schedule; ' +
        'during a run, the requested run follows it.',
    )
    .argument('<account>', "the account's name in the configuration")
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => {
          const client = await context.client();
          await client.forceRun(account, options.by);
          const tradingGate = await tradingGateNow(context, account);
          if (options.output === 'json') {
            cli.printJson({ account, asked: 'force_run', by: options.by, ...tradingGateField(tradingGate) });
          } else {
            cli.print([
              `${cli.style.strong(account)}: a run was requested; \`plumbline status ${account}\` shows it`,
              tradingGateLine(tradingGate, cli.style),
            ]);
          }
          return EXIT.ok;
        }),
      ),
    );
};
