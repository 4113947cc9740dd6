import { resolve } from 'node:path';
import { Option } from 'commander';
import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { optionalPackage } from '../context/optional-package.js';
import { untilAborted } from '../terminal/io.js';
import { configOption, wholeNumber } from '../context/options.js';
import { columns } from '../terminal/table.js';

interface Options {
  port: number;
  state?: string;
}

export const define: DefineCommand = (command, cli) => {
  command
    .description(
      "The exchange simulator alone: the exchanges' wire formats, a bot that trades, and its control under /sim.",
    )
    .addOption(
      new Option('--port <port>', 'where to listen on 127.0.0.1; 0 picks a free port')
        .argParser(wholeNumber(0, 65_535))
        .default(9300),
    )
    .addOption(new Option('--state <file>', 'keep the state in this file between starts'))
    .addOption(configOption().hideHelp())
    .action(
      cli.action(async ({ port, state }: Options) => {
        const { startSimulator, placesOf } = await optionalPackage(
          '@plumbline/exchange-simulator',
          '`plumbline simulate`',
          async () => import('@plumbline/exchange-simulator'),
        );
        const signal = cli.io.takeSignals();
        const simulator = await startSimulator({
          port,
          uniqueIds: true,
          ...(state !== undefined && { stateFile: resolve(cli.io.cwd, state) }),
        });
        const { url } = simulator;
        cli.print([
          `${cli.style.strong('the simulator listens on')} ${url}`,
          ...columns(placesOf(url).map(([name, value]) => [`  ${name}`, value])),
        ]);
        await untilAborted(signal);
        await simulator.close();
        return EXIT.ok;
      }),
    );
};
