import { Option } from 'commander';
import type { DefineCommand } from '../context/cli.js';
import { reportDocument, reportOf } from '../context/errors.js';
import { EXIT, exitCodeOf } from '../context/exit-code.js';
import { ObservationFailed, observe } from '../../observe/observe.js';
import { observationDeadline } from '../steps/deadline.js';
import type { ConfigOption, OutputOption } from '../context/options.js';
import { configOption, durationMs, outputOption } from '../context/options.js';
import { diffDocument, renderDiff } from '../render/diff.js';

type Options = ConfigOption & OutputOption & { deadline: number };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'One observation of an account from this process: reads both sides and compares them. It needs neither Temporal nor the ledger, ' +
        'makes each call once and records nothing.',
    )
    .argument('<account>', "the account's name in the configuration")
    .addOption(new Option('--deadline <time>', 'when to give up').argParser(durationMs).default(60_000, '60s'))
    .addOption(configOption())
    .addOption(outputOption())
    .addHelpText('after', '\nExit codes: 0 matched, 1 drifted, 2 a side could not answer.')
    .action(
      cli.action(async (name: string, options: Options) =>
        cli.using(options, async (context) => {
          const account = await context.account(name);
          const json = options.output === 'json';
          const deadline = observationDeadline(options.deadline);
          try {
            const answer = await context.withSides(name, async (sides) =>
              observe(sides, account.policy, { signal: deadline.signal, now: Date.now }),
            );
            if (json) cli.printJson(diffDocument(account, answer));
            else cli.print(renderDiff(account, answer, cli.style, cli.io.stdout.columns));
            return exitCodeOf(answer.outcome);
          } catch (error) {
            if (!(error instanceof ObservationFailed)) throw deadline.explain(error);
            const reports = error.causes.map((cause) => reportOf(deadline.explain(cause)));
            const failures = reports.map(reportDocument);
            if (json) cli.printJson({ account: name, outcome: 'failed', failure: failures[0] ?? null, failures });
            for (const report of reports) cli.report(report);
            return EXIT.failed;
          }
        }),
      ),
    );
};
