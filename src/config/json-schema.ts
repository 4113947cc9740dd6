import { dirname, isAbsolute, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { configSchema } from './config-schema.js';

/** A name, not an address: the package `plumbline` in npm's registry belongs to another project. */
const NAMESPACE = 'urn:plumbline:schema';
const CONFIG_SCHEMA = 'plumbline-config.schema.json';

/** The JSON Schema of a zod schema's input, for `schema/<name>`. */
export function publishedSchema(name: string, schema: z.ZodType): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-7' });
  return { $schema, $id: `${NAMESPACE}:${name}`, ...rest };
}

/**
 * Where an editor finds the configuration's schema, for the first line of the file: the schema of this installation, so it matches the
 * program that reads the file.
 */
export function configSchemaFor(file: string): string {
  const path = fileURLToPath(new URL(`../../schema/${CONFIG_SCHEMA}`, import.meta.url));
  const near = relative(dirname(file), path);
  // The editor reads up to the first space, and a URL has none.
  return near.startsWith('..') || isAbsolute(near) || /\s/.test(near) ? pathToFileURL(path).href : near;
}

export function configJsonSchema(): Record<string, unknown> {
  return publishedSchema(CONFIG_SCHEMA, configSchema);
}
