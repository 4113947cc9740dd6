import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { FailureError } from '../../domain/failure/failure.js';
import { isTolerance } from '../../domain/policy/policy-limits.js';
import type { CompareRules } from '../../domain/policy/policy.js';
import type { Side, Snapshot } from '../../domain/snapshot/snapshot.js';
import { withoutRepeats } from '../../internal/repeated-rows.js';
import { parseStateDocument } from '../../internal/state-document.js';
import { codesOfExchange } from '../../exchange/currency-aliases.js';
import { answerOf } from '../../observe/answer.js';
import type { DefineCommand } from '../context/cli.js';
import { reportOf, UsageError } from '../context/errors.js';
import { exitCodeOf } from '../context/exit-code.js';
import type { Io } from '../terminal/io.js';
import type { OutputOption } from '../context/options.js';
import { configOption, outputOption } from '../context/options.js';
import { comparisonDocument, renderComparison } from '../render/comparison.js';

type Options = OutputOption & {
  tolerance: Record<string, string>;
  exchange?: string;
  balances?: boolean;
  rows: 'positions' | 'trades';
};

const STDIN = '-';

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Compares two snapshot files in the form of the internal-state document: no network, no configuration, nothing ' +
        'recorded. The exchange file may add "markets": {"BTC/USDT:USDT": "0.001"}, the amount steps.',
    )
    .argument('<exchange>', "the exchange's snapshot: a file, - for stdin")
    .argument('<internal>', "the bot's snapshot: a file, - for stdin")
    .addOption(
      new Option(
        '--tolerance <symbol=amount>',
        'what may differ: base units (0.001), a percentage (0.2%), or both (0.001+0.2%); "*" for all; repeatable',
      )
        .argParser(addTolerance)
        .default({}, 'half of the amount step'),
    )
    .addOption(new Option('--balances', 'compare balances also beside positions of contracts'))
    .addOption(
      new Option('--rows <kind>', "what a row of the bot's positions is; trades of one symbol are summed")
        .choices(['positions', 'trades'])
        .default('positions'),
    )
    .addOption(new Option('--no-balances', 'leave balances out'))
    .addOption(new Option('--exchange <id>', "ccxt's id of the exchange, whose names of currencies are then known"))
    .addOption(configOption().hideHelp())
    .addOption(outputOption())
    .addHelpText('after', '\nExit codes: 0 matched, 1 drifted, 2 a file cannot be read or nothing could be compared.')
    .action(
      cli.action(async (exchangePath: string, internalPath: string, options: Options) => {
        if (exchangePath === STDIN && internalPath === STDIN) {
          throw new UsageError('only one of the two files can be read from stdin');
        }
        const outside = withoutRepeats(await readSnapshot(exchangePath, 'exchange', cli.io), 'positions');
        const inside = withoutRepeats(await readSnapshot(internalPath, 'internal', cli.io), options.rows);
        const id = options.exchange ?? '';
        const exchange = { ...outside, ...codesOfExchange(id, outside.balances) };
        const internal = { ...inside, ...codesOfExchange(id, inside.balances) };
        const rules: CompareRules = {
          tolerance: options.tolerance,
          compareBalances: options.balances ?? 'auto',
          ignore: { symbols: [], clientOrderIdPrefixes: [], types: [] },
        };
        const answer = answerOf(exchange, internal, rules);
        if (options.output === 'json') cli.printJson(comparisonDocument(answer));
        else cli.print(renderComparison(answer, cli.style, cli.io.stdout.columns));
        return exitCodeOf(answer.outcome);
      }),
    );
};

/** @throws FailureError that names the file, and the path in it if one field is wrong */
async function readSnapshot(path: string, side: Side, io: Io): Promise<Snapshot> {
  const startedAt = io.now().getTime();
  const text = await readText(path, side, io);
  try {
    return parseStateDocument(text, { side, receivedAt: { startedAt, endedAt: io.now().getTime() } });
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    const { failure } = error;
    const name = path === STDIN ? 'stdin' : path;
    throw new FailureError({ ...failure, message: `${name}: ${failure.message}` }, { cause: error });
  }
}

async function readText(path: string, side: Side, io: Io): Promise<string> {
  if (path === STDIN) return io.readStdin();
  try {
    return await readFile(resolve(io.cwd, path), 'utf8');
  } catch (error) {
    const { message, remedy } = reportOf(error);
    const failure = { kind: 'unreadable', side, message, where: path, remedy, retryAfterMs: null } as const;
    throw new FailureError(failure, { cause: error });
  }
}

function addTolerance(text: string, known: Record<string, string>): Record<string, string> {
  const [, symbol, amount] = /^(.+)=([^=]+)$/.exec(text) ?? [];
  if (symbol === undefined || amount === undefined || !isTolerance(amount)) {
    throw new InvalidArgumentError('It must be like BTC/USDT:USDT=0.0005, =0.2% or =0.0005+0.2%.');
  }
  return { ...known, [symbol]: amount };
}
