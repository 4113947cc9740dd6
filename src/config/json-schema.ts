import { z } from 'zod';
import { configSchema } from './config-schema.js';

/** The address at which editors find the published schemas: the files of the package. */
const PUBLISHED_AT = 'https://unpkg.com/plumbline/schema';

/** The JSON Schema of a zod schema's input, for `schema/<name>`. */
export function publishedSchema(name: string, schema: z.ZodType): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-7' });
  return { $schema, $id: `${PUBLISHED_AT}/${name}`, ...rest };
}

export function configJsonSchema(): Record<string, unknown> {
  return publishedSchema('plumbline-config.schema.json', configSchema);
}
