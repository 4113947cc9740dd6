import { isMap } from '../domain/text/is-map.js';
import type { UnplacedProblem } from './config-problems.js';
import { checkSources, type Path } from './secret-relations.js';

/** Checks `heartbeat` of `reconciliation` as written; `at` is the path of `reconciliation`. */
export function checkHeartbeat(reconciliation: unknown, at: Path): UnplacedProblem[] {
  const heartbeat = isMap(reconciliation) ? reconciliation['heartbeat'] : undefined;
  if (!isMap(heartbeat)) return [];
  const place = [...at, 'heartbeat'];
  const problems = checkSources(heartbeat, ['url'], place);
  if (heartbeat['url_env'] === undefined && heartbeat['url_file'] === undefined) {
    const remedy = 'add url_env with the name of the environment variable that holds the address to ping';
    problems.push({ at: place, value: 'a map', message: 'it has no url', remedy });
  }
  if (heartbeat['report_failures'] === true && (heartbeat['kind'] ?? 'plain') === 'plain') {
    problems.push({
      at: [...place, 'report_failures'],
      value: 'true',
      message: 'a plain URL has no address for failures',
      remedy: 'remove it, or set kind to healthchecks or uptime_kuma',
    });
  }
  return problems;
}
