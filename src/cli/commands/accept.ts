import { Option } from 'commander';
import { discrepancyDocument } from '../../report/documents.js';
import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { tradingGateField, tradingGateLine, tradingGateNow } from '../steps/trading-gate-now.js';
import type { ByOption, ConfigOption, EndOptions, OutputOption } from '../context/options.js';
import { byOption, configOption, endOf, forOption, nonEmpty, outputOption, untilOption } from '../context/options.js';
import { count } from '../terminal/count.js';
import { renderDiscrepancy } from '../render/ledger-rows.js';
import { stamp } from '../terminal/time.js';

type Options = ConfigOption & ByOption & OutputOption & EndOptions & { note: string };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Accepts open discrepancies as they are now, until a time: they do not close the trading gate meanwhile. An acceptance ends ' +
        'when its time is over, when the values change, or when both sides agree again.',
    )
    .argument('<account>', "the account's name in the configuration")
    .argument('[discrepancy...]', 'ids as shown by `plumbline discrepancies` (default: all that are open now)')
    .addOption(forOption())
    .addOption(untilOption())
    .addOption(new Option('--note <text>', 'why').argParser(nonEmpty('--note')).makeOptionMandatory())
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, ids: string[], options: Options) => {
        const until = endOf(options, cli.io.now());
        return cli.using(options, async (context) => {
          const { by, note } = options;
          const ledger = await context.ledgerOf(account);
          const discrepancyIds = ids.length === 0 ? null : ids;
          const accepted = await ledger.acceptDiscrepancies({ account, discrepancyIds, by, until, note });
          const tradingGate = await tradingGateNow(context, account);
          if (options.output === 'json') {
            cli.printJson({ account, accepted: accepted.map(discrepancyDocument), ...tradingGateField(tradingGate) });
            return EXIT.ok;
          }
          const { columns } = cli.io.stdout;
          const what = count(accepted.length, 'discrepancy', 'discrepancies');
          cli.print([
            ...accepted.flatMap((row) => [...renderDiscrepancy(row, cli.io.now(), cli.style, columns), '']),
            `${cli.style.strong(account)}: ${what} accepted by ${by} until ${stamp(until)}: ${note}`,
            tradingGateLine(tradingGate, cli.style),
          ]);
          return EXIT.ok;
        });
      }),
    );
};
