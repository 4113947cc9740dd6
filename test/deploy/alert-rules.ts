import { parse } from 'yaml';
import { z } from 'zod';
import { readRepositoryFile } from './compose-file.js';

const rulesFile = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.object({ severity: z.enum(['page', 'ticket']) }),
          annotations: z.object({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
});
export type AlertRule = z.infer<typeof rulesFile>['groups'][number]['rules'][number];

/** The rules of deploy/prometheus/rules.yml. */
export function readRules(): AlertRule[] {
  return rulesFile
    .parse(parse(readRepositoryFile('deploy/prometheus/rules.yml')))
    .groups.flatMap((group) => group.rules);
}
