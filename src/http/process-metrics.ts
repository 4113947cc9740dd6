import { collectDefaultMetrics, Registry } from 'prom-client';

/** Gauges that the library names like counters; `promtool check metrics` refuses such names. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Memory, CPU, event loop and garbage collection of this process, under the names that dashboards expect. */
export function createProcessMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}
