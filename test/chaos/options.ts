import { join } from 'node:path';
import { parseArgs } from 'node:util';

export interface ChaosOptions {
  /** How long faults are planted. Start, calm phase and checks take additional time. */
  minutes: number;
  /** Determines what happens, in which order and to which account. The timing also depends on the machine. */
  seed: number;
  accounts: number;
  server: 'cluster' | 'dev';
  /** The folder of report, record, logs and memory samples. */
  out: string;
  /** Starts one additional worker that is never killed, so that its memory can be followed over the whole time. */
  keepOneWorker: boolean;
  /** Forced runs a second over all accounts. */
  forcedRunsPerSecond: number;
  /** When the first runs of the herd are due after its start; see `accountsOf`. */
  herdSeconds: number;
  /** Limit for everything. After it the report is made from what is known. */
  deadlineMs: number;
}

/** The command line of `npm run chaos`. @throws TypeError on an argument that it does not know */
export function optionsOf(args: string[]): ChaosOptions {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string' },
      accounts: { type: 'string', default: '20' },
      server: { type: 'string', default: 'cluster' },
      rate: { type: 'string', default: '3' },
      out: { type: 'string' },
    },
  });
  const minutes = positive('minutes', values.minutes);
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : positive('seed', values.seed);
  if (values.server !== 'cluster' && values.server !== 'dev') throw new TypeError('--server is "cluster" or "dev"');
  return {
    minutes,
    seed,
    accounts: Math.max(3, Math.floor(positive('accounts', values.accounts))),
    server: values.server,
    out: values.out ?? join('.plumbline', 'chaos', `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${seed}`),
    // A short chaos cannot show growth.
    keepOneWorker: minutes >= 2,
    forcedRunsPerSecond: positive('rate', values.rate),
    // A short chaos has one ambush; in a longer one every interval has one.
    herdSeconds: minutes < 2 ? 25 : 90,
    // Checks take longer the more there is to check: replays take a few seconds per minute of chaos.
    deadlineMs: (minutes * 1.4 + 12) * 60_000,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new TypeError(`--${name} is a number above zero, not "${text}"`);
  return value;
}
