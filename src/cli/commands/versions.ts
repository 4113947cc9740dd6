import { Option } from 'commander';
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
import { promote, read, type Promoted, type PromoteParts } from '../versions/promote.js';

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
          const parts = await partsOf(context, cli, { by: '', wait: 0 });
          const versions = await read(parts);
          if (options.output === 'json') cli.printJson(versionsDocument(parts.deployment, versions));
          else {
            const { columns: width } = cli.io.stdout;
            cli.print(renderVersions(parts.deployment, versions, { style: cli.style, width, now: cli.io.now() }));
          }
          return EXIT.ok;
        }),
      ),
    );
  changing(
    command.command('promote').argument('[build]', 'the build (default: that of this program)'),
    'Lets workers of a version get the work, from the next task of each account on. Waits for one of them to run.',
  )
    .addOption(new Option('--unversioned', 'workers without a version: the way back from temporal.versioning'))
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
        const { previous } = await read(parts);
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
    const promoted = await work(await partsOf(context, cli, options));
    const { changed, version, before } = promoted;
    if (options.output === 'json') {
      cli.printJson({ changed, version: version?.buildId ?? null, before: before?.buildId ?? null });
      return EXIT.ok;
    }
    if (!changed) cli.print(`${workersText(version)} get the work already`);
    else {
      cli.print([
        `${cli.style.good('✓')} ${workersText(version)} get the work, from the next task of each account on`,
        `  before: ${workersText(before)}. To go back while they run: plumbline versions rollback`,
        version === null
          ? '  Stop the workers with a version now: an account that one of them has in memory stays with it until then.'
          : '  They may be stopped when `plumbline versions` says so.',
      ]);
    }
    return EXIT.ok;
  });
}

async function partsOf(
  context: CommandContext,
  cli: Cli,
  { by, wait }: Pick<ChangeOptions, 'by' | 'wait'>,
): Promise<PromoteParts> {
  const [client, config] = await Promise.all([context.client(), context.config()]);
  const { current } = await client.workers();
  // A worker without a version, or `serve`, may have a file without the section.
  const deployment = config.versioning?.deployment ?? current?.deployment;
  if (deployment === undefined) {
    throw new CommandError(
      `workers have no versions: ${config.path} has no temporal.versioning, and no version gets the work`,
      'see "Upgrading with old and new workers side by side" in docs/deploying.md',
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
    by,
    waitMs: wait * 1_000,
    onWaiting: () => cli.note('… waiting for a worker of this version'),
  };
}

function ownBuild({ environment }: Cli): string {
  return environment.buildId ?? buildIdOfThisCode();
}
