import { parseArgs } from 'node:util';
import { z } from 'zod';

export interface FleetOptions {
  accounts: number;
  /** How long the fleet is measured on its schedule. */
  minutes: number;
  intervalMinutes: number;
  /** Shorter than an interval: runs are forced at even intervals instead of scheduled. */
  isShort: boolean;
  /** How long the exchange is unreachable. */
  outageSeconds: number;
  server: 'cluster' | 'dev';
  /** Whether PostgreSQL flushes to the disk, as in production. Without that the disk is not measured. */
  durable: boolean;
}

const positional = z.tuple([z.coerce.number().int().min(1), z.coerce.number().positive()]);
const named = z.object({
  interval: z.coerce.number().min(5).default(5),
  outage: z.coerce.number().min(0).default(30),
  server: z.enum(['cluster', 'dev']).default('cluster'),
  durable: z.boolean().default(false),
});

/** @throws ZodError for invalid options */
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
