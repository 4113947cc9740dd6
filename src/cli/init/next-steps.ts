import type { Style } from '../terminal/style.js';
import { wrap } from '../terminal/table.js';
import type { Answers } from './answers.js';
import type { Bot } from './bot-answers.js';
import type { Variable } from './variables.js';

export interface StepParts {
  answers: Answers;
  bot: Bot;
  variables: readonly Variable[];
  /** The file of variables, if one was written. */
  envFile: string | null;
  /** Result of `check`; null if it was not run. */
  ready: boolean | null;
  /** A command line to copy. */
  command: (...args: string[]) => string;
  file: string;
}

/** What to do next, in order, in lines for the terminal. */
export function renderNextSteps(parts: StepParts, style: Style, width: number): string[] {
  const steps = [...botSteps(parts), ...variableSteps(parts), ...runSteps(parts)];
  return [
    style.strong('Next:'),
    ...steps.flatMap(({ text, commands = [] }, index) => [
      ...wrap(`${String(index + 1).padStart(2)}. ${text}`, width, '    '),
      ...commands.map((command) => `      ${style.strong(command)}`),
    ]),
    '',
    ...peopleLines(parts).flatMap((line) => wrap(line, width, '  ')),
  ];
}

interface Step {
  text: string;
  commands?: string[];
}

/** What the bot's side still needs. */
function botSteps({ answers, bot, command }: StepParts): Step[] {
  switch (bot.kind) {
    case 'freqtrade':
      return freqtradeSteps(bot);
    case 'http':
      return [
        { text: `Let the bot answer ${String(answers.internal['url'])} with its state (docs/internal-state.md).` },
      ];
    case 'file':
      return [
        {
          text: `Let the bot write its state to ${String(answers.internal['path'])} in each loop, as another file that it then renames (docs/internal-state.md).`,
        },
      ];
    case 'push':
      return [
        {
          text: 'Make a token for the bot, and put the line that this prints into the file under serve.tokens:',
          commands: [command('token', 'new', '--name', 'bot', '--role', 'push', '--accounts', answers.account)],
        },
        {
          text: `Let the bot send its state in each loop: PUT /v1/accounts/${answers.account}/state on http://127.0.0.1:9400 (docs/internal-state.md has clients for Python and TypeScript).`,
        },
      ];
    case 'nautilus':
      return [{ text: 'The time of the state, the venue and the unit of the amounts: docs/nautilus.md.' }];
    case 'hummingbot':
      return [
        {
          text: 'SQLite is read with Node 22.16 or later. What is compared, and the time of the state: docs/hummingbot.md.',
        },
      ];
    case 'sql':
      return bot.database?.kind === 'sqlite'
        ? [{ text: 'SQLite is read with Node 22.16 or later. What the queries mean: docs/sql-recipes.md.' }]
        : [
            {
              text: "Replace the example queries in the file by those of the bot's tables (docs/sql-recipes.md has recipes).",
            },
          ];
  }
}

function freqtradeSteps({ settings, file }: Bot): Step[] {
  if (settings === null) return [];
  const where = file ?? "the bot's configuration";
  const steps: Step[] = [];
  if (!settings.api.enabled) {
    steps.push({
      text: `Set api_server.enabled: true, username and password in ${where}, and restart the bot (docs/freqtrade.md).`,
    });
  }
  if (settings.dryRun) {
    steps.push({
      text: `The bot is a dry run (dry_run in ${where}): its positions are not real, and Plumbline refuses to compare them.`,
    });
  }
  return steps;
}

function variableSteps({ variables, envFile }: StepParts): Step[] {
  const unset = variables.filter(({ isSet }) => !isSet);
  if (unset.length === 0) return [];
  if (envFile !== null) {
    return [
      {
        text: `Fill in ${envFile}, then read it into this terminal:`,
        commands: [`set -a; . ${asSource(envFile)}; set +a`],
      },
    ];
  }
  const width = Math.max(...unset.map(({ name }) => name.length));
  return [
    {
      text: 'Set these variables where Plumbline runs:',
      commands: unset.map(({ name, meaning }) => `export ${name}=...${' '.repeat(width - name.length)}  # ${meaning}`),
    },
  ];
}

/** `.` looks up a name without a slash in PATH. */
function asSource(path: string): string {
  return path.includes('/') ? path : `./${path}`;
}

function runSteps({ ready, command, file, answers }: StepParts): Step[] {
  return [
    ...(ready === true
      ? []
      : [{ text: 'Check that a run would succeed:', commands: [command('check', '--config', file)] }]),
    {
      text: 'Run it on this machine, with everything it needs. This prints the first verdict and goes on until Ctrl-C:',
      commands: [command('dev', '--config', file)],
    },
    { text: 'Meanwhile, in another terminal:', commands: [command('status', answers.account, '--config', file)] },
    {
      text: 'On a server, with a Temporal and a PostgreSQL of your own (docs/deploying.md): `migrate`, `worker` and `serve`, then',
      commands: [command('apply', '-f', file)],
    },
  ];
}

function peopleLines({ answers: { channel }, command, file }: StepParts): string[] {
  return channel === null
    ? [
        "Nobody is called yet: a call is a line in the worker's log. Add a channel under notify.channels (docs/notifying.md).",
      ]
    : [
        `People are called by ${String(channel.fields['kind'])}. Try it: ${command('notify', 'test', '--config', file)}`,
      ];
}
