import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

export function readRepositoryFile(path: string): string {
  return readFileSync(`${repository}/${path}`, 'utf8');
}

const mount = z.union([z.string(), z.object({ source: z.string(), target: z.string() })]);

/** What the tests look at; a field that is spelt otherwise, or missing where it must not be, fails the reading. */
const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  restart: z.string(),
  user: z.string().optional(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  cap_add: z.never().optional(),
  privileged: z.never().optional(),
  security_opt: z.array(z.string()),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  env_file: z.never().optional(),
  secrets: z.array(mount).default([]),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  depends_on: z
    .record(z.string(), z.object({ condition: z.enum(['service_healthy', 'service_completed_successfully']) }))
    .default({}),
  healthcheck: z
    .object({ test: z.array(z.string()), interval: z.string(), timeout: z.string(), start_period: z.string() })
    .optional(),
  stop_grace_period: z.string().optional(),
  mem_limit: z.string(),
  pids_limit: z.number(),
});
export type ComposeService = z.infer<typeof service>;

const composeFile = z.object({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.object({ internal: z.boolean().default(false), name: z.string().optional() })),
  volumes: z.record(z.string(), z.object({ name: z.string() })),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});
export type ComposeFile = z.infer<typeof composeFile>;

export function readComposeFile(): ComposeFile {
  return composeFile.parse(parse(readRepositoryFile('docker-compose.yml'), { merge: true }));
}

/** `${NAME:-value}` as Compose reads it where NAME is not set. */
export function withDefaults(text: string): string {
  return text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
}
