import { InvalidArgumentError, Option } from 'commander';
import { BUILD_ID } from '../../config/environment.js';
import type { WorkerReport } from '../../ledger/contract/workers.js';
import { buildIdOfThisCode } from '../../runtime/build-id.js';
import { workersText, type WorkerVersion } from '../../runtime/task-queue-workers.js';
import type { Cli, DefineCommand } from '../context/cli.js';
import type { CommandContext } from '../context/command-context.js';
import { CommandError, UsageError } from '../context/errors.js';
import { EXIT } from '../context/exit-code.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, outputOption, stateOption, wholeNumber } from '../context/options.js';
import { renderVersions, versionsDocument } from '../render/versions.js';
import {
  ANSWER_MS,
  promote,
  versionsOf,
  type Promoted,
  type PromoteParts,
  type VersionSources,
} from '../versions/promote.js';

type Options = ConfigOption & OutputOption;
type ChangeOptions = Options & ByOption & { wait: number; unversioned?: boolean };

export const define: DefineCommand = (command, cli) => {
  command
    .enablePositionalOptions()
    .description(
      'The versions of the workers (temporal.versioning): which one gets the work, which others run, and which may be stopped.',
    )
    .addOption(configOption())
    .addOption(outputOption())
    .action(
      cli.action(async (options: Options) =>
        cli.using(options, async (context) => {
          const sources = await sourcesOf(context);
          const versions = await versionsOf(sources);
          if (options.output === 'json') cli.printJson(versionsDocument(sources.deployment, versions));
          else {
            const { columns: width } = cli.io.stdout;
            cli.print(renderVersions(sources.deployment, versions, { style: cli.style, width, now: cli.io.now() }));
          }
          return EXIT.ok;
        }),
      ),
    );
  changing(
    command.command('promote').argument('[build]', 'the build (default: that of this program)', buildId),
    'Gives the work to the workers of a version, from the next task of each account on. Waits until one of them runs.',
  )
    .addOption(
      new Option('--unversioned', 'gives the work to workers without a version: to switch temporal.versioning off'),
    )
    .action(
      cli.action(async (build: string | undefined, options: ChangeOptions) =>
        change(cli, options, async (parts) =>
          promote(wanted(build, options, { cli, deployment: parts.deployment }), parts),
        ),
      ),
    );
  changing(
    command.command('rollback'),
    'Gives the work back to the version that was current before. One of its workers must run.',
  ).action(
    cli.action(async (options: ChangeOptions) =>
      change(cli, options, async (parts) => {
        const { previous } = await versionsOf(parts);
        if (previous !== undefined) return promote(previous, parts);
        throw new CommandError('no other version was ever current', 'see `plumbline versions`');
      }),
    ),
  );
};

function changing(command: Parameters<DefineCommand>[0], description: string): Parameters<DefineCommand>[0] {
  return command
    .description(description)
    .addOption(
      new Option('--wait <seconds>', 'how long a worker of the version may take to start')
        .argParser(wholeNumber(0, 3_600))
        .default(60),
    )
    .addOption(configOption())
    .addOption(stateOption())
    .addOption(byOption())
    .addOption(outputOption());
}

/** @throws UsageError if both a build and `--unversioned` are given */
function wanted(
  build: string | undefined,
  { unversioned = false }: ChangeOptions,
  { cli, deployment }: { cli: Cli; deployment: string },
): WorkerVersion | null {
  if (unversioned && build !== undefined) throw new UsageError('name a build or --unversioned, not both');
  return unversioned ? null : { deployment, buildId: build ?? ownBuild(cli) };
}

async function change(cli: Cli, options: ChangeOptions, work: (parts: PromoteParts) => Promise<Promoted>) {
  return cli.using(options, async (context) => {
    const { changed, version, before } = await work({
      ...(await sourcesOf(context)),
      by: options.by,
      waitMs: options.wait * 1_000,
      onWaiting: () => cli.note('… waiting for a worker of this version'),
    });
    if (options.output === 'json') {
      cli.printJson({ changed, version: version?.buildId ?? null, before: before?.buildId ?? null });
      return EXIT.ok;
    }
    if (!changed) cli.print(`${workersText(version)} already get the work`);
    else {
      cli.print([
        `${cli.style.good('✓')} ${workersText(version)} get the work, from the next task of each account on`,
        `  before: ${workersText(before)}. To go back while they run: plumbline versions rollback`,
        version === null
          ? '  Stop the workers with a version now: each keeps the accounts that it has in memory until it ends.'
          : '  They may be stopped when `plumbline versions` says so.',
      ]);
    }
    return EXIT.ok;
  });
}

/** @throws CommandError if neither the configuration nor Temporal has versions */
async function sourcesOf(context: CommandContext): Promise<VersionSources> {
  const [client, config] = await Promise.all([context.client(), context.config()]);
  const { current } = await client.within(ANSWER_MS, async () => client.workers());
  // The file may lack the section while Temporal still has a current version, for example after it was removed too early.
  const deployment = config.versioning?.deployment ?? current?.deployment;
  if (deployment === undefined) {
    throw new CommandError(
      `workers have no versions: ${config.path} has no temporal.versioning, and Temporal has no current version`,
      'see "Old and new workers side by side" in docs/deploying.md',
    );
  }
  return {
    client,
    deployment,
    reports: async (): Promise<WorkerReport[] | null> =>
      context
        .ledger()
        .then(async (ledger) => ledger.workers(client.taskQueue))
        .catch(() => null),
  };
}

/** Refuses what no worker can have, such as the empty variable of a script. */
function buildId(text: string): string {
  if (BUILD_ID.test(text)) return text;
  throw new InvalidArgumentError('A build has letters, digits, dot, plus, dash and underscore, at most 80.');
}

function ownBuild({ environment }: Cli): string {
  return environment.buildId ?? buildIdOfThisCode();
}
