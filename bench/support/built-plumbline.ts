import { fileURLToPath } from 'node:url';
import type { StackOptions } from '../../packages/dev-stack/src/stack.js';
import { NO_STATE } from '../../src/config/environment.js';
import { ensureDatabase, migrateLedger } from '../../src/ledger/create-ledger.js';

/** A stack whose worker and serve run what is built, as a user's do. */
export const BUILT_PLUMBLINE: StackOptions['plumbline'] = {
  commandLine: fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url)),
  prepareLedger: async (databaseUrl) => {
    await ensureDatabase(databaseUrl);
    await migrateLedger(databaseUrl);
  },
  env: { PLUMBLINE_STATE: NO_STATE },
};
