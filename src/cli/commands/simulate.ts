import { Option } from 'commander';
import type { DefineCommand } from '../cli.js';
import { EXIT } from '../exit-code.js';
import { untilAborted } from '../io.js';
import { wholeNumber } from '../options.js';

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      "The exchange simulator alone: the exchanges' wire formats, a bot that trades, and its control under /sim.",
    )
    .addOption(
      new Option('--port <port>', 'where to listen on 127.0.0.1; 0 takes a free one')
        .argParser(wholeNumber(0, 65_535))
        .default(9300),
    )
    .action(
      cli.action(async (options: { port: number }) => {
        const { startSimulator } = await import('../../simulator/simulator.js');
        const signal = cli.io.takeSignals();
        const simulator = await startSimulator({ port: options.port });
        cli.print(`plumbline simulates exchanges on ${simulator.url}`);
        await untilAborted(signal);
        await simulator.close();
        return EXIT.ok;
      }),
    );
};
