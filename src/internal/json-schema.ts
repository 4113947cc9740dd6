import { publishedSchema } from '../config/json-schema.js';
import { stateSchema } from './state-schema.js';

export function stateJsonSchema(): Record<string, unknown> {
  return publishedSchema('internal-state.schema.json', stateSchema);
}
