import { Counter, Gauge, type Registry } from 'prom-client';

/** How often the configuration was read again, and which one is in use. */
export interface ConfigMetrics {
  /** @param digest SHA-256 of the file */
  inUse(digest: string, since: Date): void;
  reloaded(result: 'taken' | 'refused'): void;
}

export function createConfigMetrics(registry: Registry): ConfigMetrics {
  const reloads = new Counter({
    name: 'plumbline_config_reload_total',
    help: 'How often this process read its configuration again, by what became of it',
    labelNames: ['result'],
    registers: [registry],
  });
  for (const result of ['taken', 'refused']) reloads.inc({ result }, 0);
  const since = new Gauge({
    name: 'plumbline_config_in_use_since_timestamp_seconds',
    help: 'When this process read the configuration that it uses',
    registers: [registry],
  });
  const info = new Gauge({
    name: 'plumbline_config_info',
    help: 'The SHA-256 of the configuration file that this process uses (its first 12 digits)',
    labelNames: ['digest'],
    registers: [registry],
  });
  return {
    inUse(digest, at) {
      since.set(at.getTime() / 1_000);
      info.reset();
      info.set({ digest: digest.slice(0, 12) }, 1);
    },
    reloaded: (result) => reloads.inc({ result }),
  };
}
