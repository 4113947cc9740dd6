import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { tradingGateField, tradingGateLine, tradingGateNow } from '../steps/trading-gate-now.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, outputOption } from '../context/options.js';
import { LEFT_WITH_TEMPORAL } from '../render/outcome.js';

type Options = ConfigOption & ByOption & OutputOption;

export const define: DefineCommand = (command, cli) => {
  command
    .description('Resumes the schedule of a paused account. A run that became due meanwhile starts at once.')
    .argument('<account>', "the account's name in the configuration")
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => {
          const client = await context.client();
          const { changed } = await client.resume(account, options.by);
          const tradingGate = await tradingGateNow(context, account);
          if (options.output === 'json') {
            cli.printJson({ account, asked: 'resume', by: options.by, changed, ...tradingGateField(tradingGate) });
            return EXIT.ok;
          }
          const name = cli.style.strong(account);
          cli.print([
            changed === false ? `${name}: nothing changed, it was not paused` : `${name}: resumed by ${options.by}`,
            ...(changed === null ? [cli.style.warning(LEFT_WITH_TEMPORAL)] : []),
            tradingGateLine(tradingGate, cli.style),
          ]);
          return EXIT.ok;
        }),
      ),
    );
};
