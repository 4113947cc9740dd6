import { Option } from 'commander';
import { TOKEN_ROLES, type TokenRole } from '../../config/serve-schema.js';
import { hashToken, newToken } from '../../http/tokens.js';
import type { DefineCommand } from '../context/cli.js';
import { EXIT } from '../context/exit-code.js';
import { nonEmpty, outputOption, type OutputOption } from '../context/options.js';

type Options = OutputOption & { name: string; role: TokenRole; accounts?: string };

export const define: DefineCommand = (command, cli) => {
  command.description('Tokens of the HTTP API. The configuration holds their hashes only.');
  command
    .command('new')
    .description('Prints a new token, once, and the line for serve.tokens. It is stored nowhere.')
    .addOption(
      new Option('--name <name>', 'the person or program that uses it; recorded with every act')
        .argParser(nonEmpty('--name'))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--role <role>',
        'gate-only: reads gates; viewer: reads; operator: also acts; push: sends the state of its accounts',
      )
        .choices(TOKEN_ROLES)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--accounts <names>', 'accounts that it may use, separated by commas (default: all)'))
    .addOption(outputOption())
    .action(
      cli.action(async (options: Options) => {
        const token = newToken();
        const accounts = (options.accounts ?? '').split(',').flatMap((name) => name.trim() || []);
        const entry = {
          name: options.name,
          role: options.role,
          ...(accounts.length > 0 && { accounts }),
          sha256: hashToken(token),
        };
        // JSON is YAML, so a name with any character stays a name.
        const fields = Object.entries(entry).map(([field, value]) => `${field}: ${JSON.stringify(value)}`);
        // Not named "token": the redactor hides the values of such names.
        if (options.output === 'json') cli.printJson({ value: token, entry });
        else {
          cli.print([
            token,
            '',
            'Copy it now: it is not shown again. For the configuration:',
            'serve:',
            '  tokens:',
            `    - { ${fields.join(', ')} }`,
          ]);
        }
        return EXIT.ok;
      }),
    );
};
