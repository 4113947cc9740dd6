import { z } from 'zod';
import { configSchema } from './config-schema.js';

/** Where the published schemas can be found by editors: the package's own files. */
const PUBLISHED_AT = 'https://unpkg.com/plumbline/schema';

/** The JSON Schema of what a zod schema takes in, ready to be written to `schema/<name>`. */
export function publishedSchema(name: string, schema: z.ZodType): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-7' });
  return { $schema, $id: `${PUBLISHED_AT}/${name}`, ...rest };
}

export function configJsonSchema(): Record<string, unknown> {
  return publishedSchema('plumbline-config.schema.json', configSchema);
}
