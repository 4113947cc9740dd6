import { Option } from 'commander';
import { discrepancyDocument } from '../../report/documents.js';
import type { DiscrepancyRow } from '../../ledger/contract/ledger.js';
import type { DefineCommand } from '../context/cli.js';
import { reportOf } from '../context/errors.js';
import { EXIT } from '../context/exit-code.js';
import { follow } from '../steps/follow.js';
import type { ConfigOption, OutputOption } from '../context/options.js';
import { configOption, limitOption, outputOption } from '../context/options.js';
import { renderDiscrepancy } from '../render/ledger-rows.js';

type Options = Pick<ConfigOption, 'config'> &
  OutputOption & { limit: number; state: 'open' | 'resolved' | 'all'; follow?: boolean };

export const define: DefineCommand = (command, cli) => {
  command
    .argument('<account>', "the account's name in the configuration")
    .addOption(new Option('--state <state>', 'which ones').choices(['open', 'resolved', 'all']).default('open'))
    .addOption(limitOption('discrepancies'))
    .addOption(new Option('-f, --follow', 'keep printing discrepancies that open or are resolved'))
    .addOption(configOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nHere --state selects the state of discrepancies; use $PLUMBLINE_STATE to name a running `plumbline dev`.',
    )
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options.config === undefined ? {} : { config: options.config }, async (context) => {
          const ledger = await context.ledgerOf(account);
          const { limit, state } = options;
          const render = (row: DiscrepancyRow): string[] =>
            renderDiscrepancy(row, cli.io.now(), cli.style, cli.io.stdout.columns);
          const rows = await ledger.discrepancies(account, { limit, ...(state !== 'all' && { state }) });
          if (options.follow === true) {
            const changes = changesSince(rows);
            await follow<DiscrepancyRow>({
              news: async () => changes(await ledger.discrepancies(account, { limit: 1000 })),
              emit: (row) => {
                if (options.output === 'json') cli.printJson(discrepancyDocument(row), 'line');
                else cli.print(render(row));
              },
              trouble: (error) => cli.report(reportOf(error)),
              signal: cli.io.takeSignals(),
            });
            return EXIT.ok;
          }
          if (options.output === 'json') cli.printJson({ discrepancies: rows.map(discrepancyDocument) });
          else if (rows.length === 0) cli.note(`${account} has no ${state === 'all' ? '' : `${state} `}discrepancies`);
          else cli.print(rows.flatMap((row, index) => [...(index === 0 ? [] : ['']), ...render(row)]));
          return EXIT.ok;
        }),
      ),
    );
};

/** Returns first the given rows, then each row that is new or whose state has changed since the last call. */
export function changesSince(first: readonly DiscrepancyRow[]): (rows: readonly DiscrepancyRow[]) => DiscrepancyRow[] {
  let known: Map<string, string> | null = null;
  return (rows) => {
    if (known === null) {
      known = new Map([...rows, ...first].map((row) => [row.id, row.state]));
      return [...first];
    }
    const before = known;
    const changed = rows.filter((row) => before.get(row.id) !== row.state);
    for (const row of changed) before.set(row.id, row.state);
    return changed;
  };
}
