import { Option } from 'commander';
import type { DiscrepancyRow } from '../../ledger/contract/ledger.js';
import { discrepancyDocument } from '../../report/documents.js';
import type { Cli, DefineCommand } from '../context/cli.js';
import { CommandError } from '../context/errors.js';
import { EXIT } from '../context/exit-code.js';
import type { ConfigOption, OutputOption } from '../context/options.js';
import { configOption, outputOption } from '../context/options.js';
import { aboutKey, explanationsOf, meant } from '../explain/find.js';
import { knownSettings } from '../explain/settings.js';
import { knownWords, type Explanation } from '../explain/words.js';
import { renderDiscrepancy } from '../render/ledger-rows.js';
import { wrap } from '../terminal/table.js';

type Options = ConfigOption & OutputOption & { account?: string };

const SEARCHED_DISCREPANCIES = 1000;
const SHOWN_DISCREPANCIES = 10;

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Explains a word that Plumbline prints (a discrepancy type, a kind of failure, an event type, a setting), or ' +
        'with --account a key of that account: a symbol, a currency, an order id or a discrepancy id.',
    )
    .argument('<key>', 'for example internal_stale, interval_minutes or BTC/USDT:USDT')
    .addOption(new Option('--account <account>', 'the account whose discrepancies are searched'))
    .addOption(configOption())
    .addOption(outputOption())
    .addHelpText('after', '\nExit codes: 0 explained; 2 unknown.')
    .action(
      cli.action(async (key: string, options: Options) => {
        const known = [...knownWords(), ...knownSettings()];
        const explanations = explanationsOf(key, known);
        const { account } = options;
        const rows =
          account === undefined
            ? []
            : await cli.using(options, async (context) => {
                const ledger = await context.ledgerOf(account);
                return aboutKey(key, await ledger.discrepancies(account, { limit: SEARCHED_DISCREPANCIES }));
              });
        if (explanations.length === 0 && rows.length === 0) throw unknown(key, account, known);
        if (options.output === 'json')
          cli.printJson({ key, explanations, discrepancies: rows.map(discrepancyDocument) });
        else cli.print([...explanations.flatMap((each) => renderWord(each, cli)), ...renderRows(rows, cli)]);
        return EXIT.ok;
      }),
    );
};

function unknown(key: string, account: string | undefined, known: readonly Explanation[]): CommandError {
  const word = meant(key, known);
  const where = account === undefined ? '' : `, and ${account} has had no discrepancy about it`;
  const remedy = [
    word === null ? 'give a word as Plumbline prints it' : `did you mean ${word}?`,
    ...(account === undefined ? ['For a symbol, an order or a discrepancy also name the account: --account NAME'] : []),
  ];
  return new CommandError(`"${key}" is not a word that Plumbline knows${where}`, remedy.join('. '));
}

const SORTS: Readonly<Record<Explanation['sort'], string>> = {
  discrepancy: 'type of discrepancy',
  failure: 'kind of failure',
  event: 'type of event',
  setting: 'setting',
};

function renderWord({ word, sort, meaning, todo }: Explanation, { style, io }: Cli): string[] {
  const width = io.stdout.columns;
  return [
    `${style.strong(word)}  ${style.faint(SORTS[sort])}`,
    ...wrap(`  ${meaning}`, width, '  '),
    ...(todo === undefined ? [] : wrap(`  ${style.faint('what to do:')} ${todo}`, width, '    ')),
  ];
}

function renderRows(rows: readonly DiscrepancyRow[], { style, io }: Cli): string[] {
  const more = rows.length - SHOWN_DISCREPANCIES;
  return [
    ...rows.slice(0, SHOWN_DISCREPANCIES).flatMap((row) => renderDiscrepancy(row, io.now(), style, io.stdout.columns)),
    ...(more > 0 ? [style.faint(`and ${more} more`)] : []),
  ];
}
