import type { DefineCommand } from '../context/cli.js';
import { reportOf } from '../context/errors.js';
import type { ExitCode } from '../context/exit-code.js';
import { EXIT } from '../context/exit-code.js';
import type { ConfigOption, OutputOption } from '../context/options.js';
import { configOption, outputOption } from '../context/options.js';

type Options = ConfigOption & OutputOption;

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      "Brings the ledger's schema up to date and registers Plumbline's search attributes in Temporal. Safe to repeat.",
    )
    .addOption(configOption())
    .addOption(outputOption())
    .action(
      cli.action(async (options: Options) =>
        cli.using(options, async (context) => {
          const url = await context.ledgerUrl();
          // Both steps are tried, so a failure of one does not hide a failure of the other.
          const steps = [
            await step('ledger', async () => {
              const { ensureDatabase, migrateLedger } = await import('../../ledger/migrate/migrate.js');
              const { created } = await ensureDatabase(url);
              if (created) cli.note('the database did not exist and was created');
              const { applied } = await migrateLedger(url);
              return applied.length === 0 ? 'the schema is up to date' : `migrations applied: ${applied.join(', ')}`;
            }),
            await step('temporal', async () => {
              const client = await context.client();
              const { added } = await client.registerSearchAttributes();
              return added.length === 0
                ? 'the search attributes are known'
                : `search attributes added: ${added.join(', ')}`;
            }),
          ];
          if (options.output === 'json') cli.printJson({ steps: steps.map(({ part, done }) => ({ part, done })) });
          let exitCode: ExitCode = EXIT.ok;
          for (const { part, done, error } of steps) {
            if (done !== null && options.output === 'text') cli.print(`${cli.style.good('✓')} ${part}: ${done}`);
            if (done === null) {
              cli.report(reportOf(error));
              exitCode = EXIT.failed;
            }
          }
          return exitCode;
        }),
      ),
    );
};

async function step(
  part: string,
  work: () => Promise<string>,
): Promise<{ part: string; done: string | null; error: unknown }> {
  try {
    return { part, done: await work(), error: null };
  } catch (error) {
    return { part, done: null, error };
  }
}
