import { Option } from 'commander';
import { answerCall } from '../steps/answer-intervention.js';
import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { tradingGateField, tradingGateLine, tradingGateNow } from '../steps/trading-gate-now.js';
import type { ByOption, ConfigOption, OutputOption } from '../context/options.js';
import { byOption, configOption, nonEmpty, outputOption } from '../context/options.js';
import { answeredDocument, withoutWorkflowNote } from '../render/intervention.js';

type Options = ConfigOption & ByOption & OutputOption & { note: string };

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      'Closes the open intervention and ends its reminders; name and note are recorded permanently. It hides no discrepancy: ' +
        'the trading gate stays closed while an open discrepancy is not accepted.',
    )
    .argument('<account>', "the account's name in the configuration")
    .addOption(
      new Option('--note <text>', 'what was found and done').argParser(nonEmpty('--note')).makeOptionMandatory(),
    )
    .addOption(configOption())
    .addOption(byOption())
    .addOption(outputOption())
    .action(
      cli.action(async (account: string, options: Options) =>
        cli.using(options, async (context) => {
          const { by, note } = options;
          const answered = await answerCall(context, account, {
            workflow: async (client) => client.acknowledge(account, { by, note }),
            ledger: async (ledger, { interventionId }) => ledger.acknowledgeIntervention({ interventionId, by, note }),
          });
          const tradingGate = await tradingGateNow(context, account);
          if (answered.withoutWorkflow !== null) cli.note(withoutWorkflowNote(answered, cli.style));
          if (options.output === 'json')
            cli.printJson({ ...answeredDocument(answered), ...tradingGateField(tradingGate) });
          else {
            cli.print([
              `${cli.style.strong(account)}: ${cli.style.good('acknowledged')} by ${by}: ${note}`,
              tradingGateLine(tradingGate, cli.style),
            ]);
          }
          return EXIT.ok;
        }),
      ),
    );
};
