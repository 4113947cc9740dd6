import type { VerifyReport } from '../../ledger/ledger.js';
import type { DefineCommand } from '../cli.js';
import { EXIT } from '../exit-code.js';
import type { ConfigOption, OutputOption } from '../options.js';
import { configOption, outputOption } from '../options.js';
import { count } from '../render/comparison.js';
import type { Style } from '../render/style.js';
import { columns } from '../render/table.js';

type Options = ConfigOption & OutputOption;

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      "Proves the ledger: every event's hash, the chain from each event to the one before it, sequences without gaps, " +
        'totals that agree with the runs. Reads only. Exit 0 only if all is proven, 2 otherwise.',
    )
    .argument('[account]', 'only of this account')
    .addOption(configOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string | undefined, options: Options) =>
        cli.using(options, async (context) => {
          const ledger = account === undefined ? await context.ledger() : await context.ledgerOf(account);
          const report = await ledger.verify(account);
          const proven = report.accounts.every(({ faults }) => faults.length === 0);
          if (options.output === 'json') cli.printJson({ proven, accounts: report.accounts.map(accountDocument) });
          else cli.print(renderReport(report, cli.style));
          return proven ? EXIT.ok : EXIT.failed;
        }),
      ),
    );
};

function accountDocument({ lastEvent, ...account }: VerifyReport['accounts'][number]) {
  return { ...account, last_event: lastEvent };
}

export function renderReport(report: VerifyReport, style: Style): string[] {
  if (report.accounts.length === 0) return ['the ledger is empty: there is nothing to prove'];
  const rows = report.accounts.map(({ account, events, runs, lastEvent, faults }) => [
    faults.length === 0 ? style.good('✓ proven') : style.bad(`✗ ${count(faults.length, 'fault')}`),
    style.strong(account),
    count(events, 'event'),
    count(runs, 'run'),
    lastEvent === null ? '' : style.faint(`last event ${lastEvent.sequence} ${lastEvent.hash}`),
  ]);
  const faults = report.accounts.flatMap(({ faults }) => faults);
  return [
    ...columns(rows),
    ...faults.map(({ account, sequence, fault }) => {
      const place = sequence === null ? account : `${account} event ${sequence}`;
      return `  ${style.bad(place)}: ${fault}`;
    }),
  ];
}
