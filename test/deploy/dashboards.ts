import { z } from 'zod';
import { readRepositoryFile } from './compose-file.js';

const dashboardSchema = z.object({
  uid: z.string(),
  title: z.string(),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), definition: z.string().optional() })),
  }),
  panels: z.array(
    z.object({
      id: z.number(),
      type: z.string(),
      title: z.string(),
      description: z.string().optional(),
      datasource: z.object({ type: z.string(), uid: z.string() }).optional(),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.object({ refId: z.string(), expr: z.string() })).default([]),
    }),
  ),
});
export type Dashboard = z.infer<typeof dashboardSchema>;

export const DASHBOARDS = ['fleet', 'account'] as const;

export function readDashboard(name: (typeof DASHBOARDS)[number]): Dashboard {
  return dashboardSchema.parse(JSON.parse(readRepositoryFile(`deploy/grafana/${name}.json`)));
}

/** The queries of its panels as Grafana would send them for this account. */
export function queriesOf(dashboard: Dashboard, account: string): { panel: string; expr: string }[] {
  return dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expr: expr.replaceAll('$account', account).replaceAll('$__rate_interval', '1m'),
    })),
  );
}
