import { parseArgs } from 'node:util';
import { z } from 'zod';

export interface FleetOptions {
  accounts: number;
  /** How long the fleet runs by its schedule while it is measured. */
  minutes: number;
  intervalMinutes: number;
  /** Shorter than an interval: runs are forced, evenly spread, where otherwise the schedule makes them. */
  isShort: boolean;
  /** How long the exchange is away. */
  outageSeconds: number;
  server: 'cluster' | 'dev';
  /** Whether PostgreSQL writes through to the disk, as in production. Without it the disk is not measured. */
  durable: boolean;
}

const positional = z.tuple([z.coerce.number().int().min(1), z.coerce.number().positive()]);
const named = z.object({
  interval: z.coerce.number().min(5).default(5),
  outage: z.coerce.number().min(0).default(30),
  server: z.enum(['cluster', 'dev']).default('cluster'),
  durable: z.boolean().default(false),
});

/** @throws ZodError for what cannot be meant */
export function optionsOf(args: string[]): FleetOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      interval: { type: 'string' },
      outage: { type: 'string' },
      server: { type: 'string' },
      durable: { type: 'boolean' },
    },
  });
  const [accounts, minutes] = positional.parse(positionals);
  const { interval, outage, server, durable } = named.parse(values);
  return {
    isShort: minutes < interval,
    accounts,
    minutes,
    intervalMinutes: interval,
    outageSeconds: outage,
    server,
    durable,
  };
}
