import { Option } from 'commander';
import type { LedgerHead } from '../../ledger/contract/ledger.js';
import type { VerifyProgress, VerifyReport } from '../../ledger/contract/ledger.js';
import type { Cli, DefineCommand } from '../context/cli.js';
import { UsageError } from '../context/errors.js';
import { EXIT } from '../context/exit-code.js';
import { readHeadsFile } from '../steps/heads-file.js';
import type { ConfigOption, OutputOption } from '../context/options.js';
import { configOption, outputOption } from '../context/options.js';
import { progressFor } from '../context/progress.js';
import { count } from '../terminal/count.js';
import type { Style } from '../terminal/style.js';
import { columns, fitted } from '../terminal/table.js';
import { visibleWidth } from '../terminal/width.js';

type Options = ConfigOption & OutputOption & { heads?: true; against?: string };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      "Verifies the ledger: every event's hash, the chain from each event to the one before it, sequences without gaps, " +
        'rows and totals against the events, triggers and rights of the database. Reads only. Exit 0 only if ' +
        'everything is verified, 2 otherwise.',
    )
    .argument('[account]', 'only this account')
    .addOption(
      new Option(
        '--heads',
        'only print account, sequence and hash of each last event, to keep elsewhere; verifies nothing',
      ),
    )
    .addOption(
      new Option('--against <file>', 'heads that were kept elsewhere, - for stdin: each must still be in its chain'),
    )
    .addOption(configOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string | undefined, options: Options) =>
        cli.using(options, async (context) => {
          if (options.heads === true && options.against !== undefined) {
            throw new UsageError('--heads prints heads, and --against compares them: give one of the two');
          }
          const against = options.against === undefined ? [] : await readHeadsFile(options.against, cli.io);
          const ledger = account === undefined ? await context.ledger() : await context.ledgerOf(account);
          if (options.heads === true) {
            printHeads(await ledger.heads(account), options, cli);
            return EXIT.ok;
          }
          const progress = progressOf(cli);
          const report = await ledger.verify(account, { against, onProgress: progress.on }).finally(progress.off);
          if (options.against !== undefined) noteUnkept(report, against, cli);
          if (options.output === 'json') cli.printJson({ proven: isProven(report), ...reportDocument(report) });
          else {
            const { isTTY, columns: width } = cli.io.stdout;
            // Elsewhere each account and each fault stays one line, so that a program finds it.
            cli.print(renderReport(report, cli.style, isTTY ? width : Infinity));
          }
          return isProven(report) ? EXIT.ok : EXIT.failed;
        }),
      ),
    );
};

function isProven({ accounts, database = [] }: VerifyReport): boolean {
  return database.length === 0 && accounts.every(({ faults }) => faults.length === 0);
}

function reportDocument({ accounts, database = [] }: VerifyReport) {
  return { accounts: accounts.map(({ lastEvent, ...account }) => ({ ...account, last_event: lastEvent })), database };
}

function printHeads(heads: readonly LedgerHead[], options: Options, cli: Cli): void {
  if (options.output === 'json') cli.printJson({ heads });
  else cli.print(heads.map(({ account, sequence, hash }) => `${account} ${sequence} ${hash}`));
}

/** An account without a kept head is verified by its chain alone. */
function noteUnkept({ accounts }: VerifyReport, against: readonly LedgerHead[], cli: Cli): void {
  const kept = new Set(against.map(({ account }) => account));
  const others = accounts.filter(({ account }) => !kept.has(account));
  if (others.length > 0) cli.note(`${count(others.length, 'account')} without a kept head`);
}

const FIRST_MS = 2_000;
const TERMINAL_MS = 500;
const PLAIN_MS = 10_000;

/** Reports progress if verifying takes long: in place on a terminal, elsewhere a line from time to time. */
function progressOf(cli: Cli): { on: (progress: VerifyProgress) => void; off: () => void } {
  const progress = progressFor(cli);
  const everyMs = cli.io.stderr.isTTY ? TERMINAL_MS : PLAIN_MS;
  let next = performance.now() + FIRST_MS;
  return {
    on: ({ account, accountsDone, accounts, events }) => {
      if (performance.now() < next) return;
      next = performance.now() + everyMs;
      progress.on(
        `verifying ${account} (${accountsDone + 1} of ${count(accounts, 'account')}, ${count(events, 'event')})`,
      );
    },
    off: () => progress.off(),
  };
}

export function renderReport(report: VerifyReport, style: Style, width: number): string[] {
  const { accounts, database = [] } = report;
  const ofDatabase = database.map((fault) => `  ${style.bad('database')}: ${fault}`);
  if (accounts.length === 0) return ['the ledger is empty: there is nothing to verify', ...ofDatabase];
  const rows = accounts.map(({ account, events, runs, faults }) => [
    faults.length === 0 ? style.good('✓ proven') : style.bad(`✗ ${count(faults.length, 'fault')}`),
    style.strong(account),
    count(events, 'event'),
    count(runs, 'run'),
  ]);
  const heads = accounts.map(({ lastEvent }) =>
    lastEvent === null ? '' : style.faint(`event ${lastEvent.sequence} ${lastEvent.hash}`),
  );
  const faults = accounts.flatMap(({ faults: ofAccount }) => ofAccount);
  return [
    ...withHeads(rows, heads, width),
    ...faults.flatMap(({ account, sequence, fault }) => {
      const place = sequence === null ? account : `${account} event ${sequence}`;
      return fitted(`  ${style.bad(place)}: ${fault}`, width, '    ');
    }),
    ...ofDatabase.flatMap((line) => fitted(line, width, '    ')),
  ];
}

/** The last event of each account beside its counts; on a narrow terminal below them. */
function withHeads(rows: readonly string[][], heads: readonly string[], width: number): string[] {
  const table = columns(rows.map((row, index) => [...row, heads[index] === '' ? '' : `last ${heads[index] ?? ''}`]));
  if (table.every((line) => visibleWidth(line) <= width)) return table;
  return columns(rows).flatMap((line, index) => [
    ...fitted(line, width),
    ...(heads[index] === '' ? [] : [`  ${heads[index] ?? ''}`]),
  ]);
}
