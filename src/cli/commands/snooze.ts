import { Option } from 'commander';
import type { DefineCommand } from '../cli.js';
import { UsageError } from '../errors.js';
import { EXIT } from '../exit-code.js';
import type { ByOption, ConfigOption, OutputOption } from '../options.js';
import { byOption, configOption, durationMs, isoTime, nonEmpty, outputOption } from '../options.js';
import { interventionStatusDocument } from '../render/intervention.js';
import { stamp } from '../render/time.js';

type Options = ConfigOption & ByOption & OutputOption & { note: string; until?: Date; for?: number };

export const define: DefineCommand = (command, cli) => {
  command
    .description('Silences the reminders of the open call for a human for a while. The call and the closed gate stay.')
    .argument('<account>', 'its name in the configuration')
    .addOption(new Option('--for <time>', 'how long: 30m, 2h, 1d').argParser(durationMs).conflicts('until'))
    .addOption(new Option('--until <time>', 'until when: 2026-11-22T18:00:00Z').argParser(isoTime))
    .addOption(new Option('--note <text>', 'why').argParser(nonEmpty('--note')).makeOptionMandatory())
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) => {
        const until = endOf(options, cli.io.now());
        return cli.using(options, async (context) => {
          const { by, note } = options;
          const client = await context.client();
          const snoozed = await client.snooze(account, { by, until, note });
          if (options.output === 'json') cli.printJson(interventionStatusDocument(snoozed));
          else
            cli.print(
              `${cli.style.strong(account)}: reminders are silent until ${stamp(until)}; the gate stays closed`,
            );
          return EXIT.ok;
        });
      }),
    );
};

function endOf(options: Options, now: Date): Date {
  const until = options.until ?? (options.for === undefined ? null : new Date(now.getTime() + options.for));
  if (until === null) throw new UsageError('say for how long: --for 2h or --until 2026-11-22T18:00:00Z');
  if (until.getTime() <= now.getTime()) throw new UsageError(`--until ${stamp(until)} is not in the future`);
  return until;
}
