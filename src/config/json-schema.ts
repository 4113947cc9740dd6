import { z } from 'zod';
import { configSchema } from './config-schema.js';

/** The address at which editors find the published schemas: the files of the package. */
const PUBLISHED_AT = 'https://unpkg.com/plumbline/schema';
const CONFIG_SCHEMA = 'plumbline-config.schema.json';

/** The JSON Schema of a zod schema's input, for `schema/<name>`. */
export function publishedSchema(name: string, schema: z.ZodType): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-7' });
  return { $schema, $id: `${PUBLISHED_AT}/${name}`, ...rest };
}

/** The address of the configuration's schema, for the first line of a file. */
export const CONFIG_SCHEMA_ADDRESS = `${PUBLISHED_AT}/${CONFIG_SCHEMA}`;

export function configJsonSchema(): Record<string, unknown> {
  return publishedSchema(CONFIG_SCHEMA, configSchema);
}
