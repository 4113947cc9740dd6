import { errorCode } from '../../runtime/error-shape.js';
import { version } from '../../runtime/version.js';
import { CommandError } from './errors.js';

/** Packages that some commands need and a worker does not. Installing Plumbline does not install them. */
export type OptionalPackage = '@plumbline/dev-stack' | '@plumbline/exchange-simulator';

/**
 * Loads the package.
 *
 * @param load `async () => import(name)`, spelled out so that the compiler knows its types
 * @throws CommandError where the package is not installed; its remedy is the command that installs it
 */
export async function optionalPackage<T>(name: OptionalPackage, command: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new CommandError(
      `\`plumbline ${command}\` needs the package ${name}, which is not installed`,
      `install it beside plumbline: npm install ${name}@${version} (add --global if plumbline is installed globally)`,
      { cause: error },
    );
  }
}

/** Whether the package itself is missing, and not one of its dependencies or its build. */
function isMissing(error: unknown, name: string): boolean {
  return (
    errorCode(error) === 'ERR_MODULE_NOT_FOUND' && error instanceof Error && error.message.includes(`package '${name}'`)
  );
}
