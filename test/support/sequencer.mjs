// Starts slow test files first, so that the last one does not run alone. Jest knows durations only from an earlier run in
// its cache, which a fresh clone does not have.
import { relative, sep } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** Seconds on two cores, of files that take more than ten. `npm test` prints the slowest files of a run. */
const SECONDS = {
  'test/chaos/chaos.test.ts': 90,
  'test/deploy/tarballs.test.ts': 30,
  'test/embedded/dev-ends.test.ts': 60,
  'test/embedded/dev-scenario.test.ts': 80,
  'test/embedded/dev.test.ts': 60,
  'test/embedded/encryption.test.ts': 30,
  'test/embedded/postgres.test.ts': 30,
  'test/exchange/binanceusdm-faults.test.ts': 15,
  'test/exchange/bitget-faults.test.ts': 20,
  'test/exchange/bitget-unified-faults.test.ts': 15,
  'test/exchange/gate-rows.test.ts': 15,
  'test/exchange/hyperliquid-faults.test.ts': 20,
  'test/integration/any-payload.test.ts': 60,
  'test/integration/any-start.test.ts': 40,
  'test/integration/failures-elsewhere.test.ts': 30,
  'test/integration/four-weeks.test.ts': 50,
  'test/integration/intervention-races.test.ts': 40,
  'test/integration/kill-worker.test.ts': 40,
  'test/integration/one-scope.test.ts': 40,
  'test/integration/resilience.test.ts': 80,
  'test/integration/restore.test.ts': 35,
  'test/integration/script-timeout.test.ts': 40,
  'test/integration/trading-day.test.ts': 60,
  'test/integration/two-workers.test.ts': 60,
  'test/integration/usual-life.test.ts': 40,
  'test/integration/versions.test.ts': 90,
  'test/ledger/tamper/acts.test.ts': 25,
  'test/ledger/tamper/tamper-table.test.ts': 80,
  'test/simulation/simulation.test.ts': 30,
  'test/soak/cold-query.test.ts': 60,
  'test/workflows/ladder.test.ts': 25,
};
/** Without better knowledge, larger files take longer. */
const MS_PER_BYTE = 0.2;

export default class SlowFirst extends Sequencer {
  time(test) {
    const { config, hasteFS } = test.context;
    const path = relative(config.rootDir, test.path).split(sep).join('/');
    const seconds = SECONDS[path];
    const guess = seconds === undefined ? (hasteFS.getSize(test.path) ?? 0) * MS_PER_BYTE : seconds * 1000;
    return super.time(test) ?? guess;
  }
}
