// A built worker (dist/) that kills itself with SIGKILL at one point of one run:
//
//   node crashing-worker-process.mjs CONFIG RUN_NUMBER POINT
//
// POINT is a JSON object: when ("before", "after"), what (an activity, "putSnapshots" of the ledger, or its "commit of
// recordVerdict" or "recordFailure"), look (the first observation to die in). It prints on stdout when it is ready, and
// where it dies. Temporal's server comes from the environment, as for any worker.
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import { Client } from 'pg';
import { createActivities } from '../../../dist/activities/activities.js';
import { createSides } from '../../../dist/observe/account-sides.js';
import { resolveSecret } from '../../../dist/config/environment.js';
import { loadConfig } from '../../../dist/config/load-config.js';
import { createRedactor } from '../../../dist/redaction/redactor.js';
import { createLedger } from '../../../dist/ledger/create-ledger.js';

const [configPath, runNumber, pointText] = process.argv.slice(2);
const point = JSON.parse(pointText);

function die() {
  writeSync(1, `died ${point.when} ${point.what}\n`);
  process.kill(process.pid, 'SIGKILL');
}

const isTheRun = ({ key }) => key?.runNumber === Number(runNumber);

/** Whether this delivery may be the one to die in. */
function isTheDelivery(what, request) {
  return what === point.what && isTheRun(request) && (request.look ?? 1) >= (point.look ?? 1);
}

/**
 * `observe` is done only if it came to a verdict; how many observations that takes does not matter to this test.
 */
const hasDone = (activity, answer) => activity !== 'observe' || answer?.kind === 'recorded';

function crashingActivities(activities) {
  const wrap = ([name, activity]) => [
    name,
    async (request) => {
      if (!isTheDelivery(name, request)) return activity(request);
      if (point.when === 'before') die();
      let answer;
      try {
        answer = await activity(request);
        return answer;
      } finally {
        if (hasDone(name, answer)) die();
      }
    },
  ];
  return Object.fromEntries(Object.entries(activities).map(wrap));
}

let inTheTransaction = false;

/** The ledger, with a signal when the transaction to die in begins. */
function watchedLedger(ledger) {
  const watch = (name) => async (record) => {
    inTheTransaction = point.what === `commit of ${name}` && isTheRun(record);
    return ledger[name](record);
  };
  const putSnapshots = async (key, look, snapshots) => {
    const isHere = isTheDelivery('putSnapshots', { key, look });
    if (isHere && point.when === 'before') die();
    const receipts = await ledger.putSnapshots(key, look, snapshots);
    if (isHere) die();
    return receipts;
  };
  return { ...ledger, putSnapshots, recordVerdict: watch('recordVerdict'), recordFailure: watch('recordFailure') };
}

/** Dies with COMMIT unsent (before), or during the reply to it: sent completely, its answer never read (after). */
function watchCommits() {
  const query = Object.getOwnPropertyDescriptor(Client.prototype, 'query').value;
  Client.prototype.query = function watchedQuery(...args) {
    const isCommit = inTheTransaction && args[0] === 'COMMIT';
    if (isCommit && point.when === 'before') die();
    const answer = query.apply(this, args);
    if (isCommit) {
      const { stream } = this.connection;
      // The kernel has all of it, or will have it when the write calls back; no answer can have been read by then.
      if (stream.writableLength === 0) die();
      stream.write('', die);
    }
    return answer;
  };
}

const config = loadConfig(configPath);
const redactor = createRedactor();
const sides = createSides(config, { redactor, resolveSecret });
const ledger = createLedger(resolveSecret(config.ledger.url, 'ledger.url'));
const { connectionOptions, namespace } = loadClientConnectConfig();
watchCommits();
const worker = await Worker.create({
  connection: await NativeConnection.connect(connectionOptions),
  namespace,
  taskQueue: config.worker.taskQueue,
  workflowBundle: { codePath: fileURLToPath(new URL('../../../dist/workflow-bundle.js', import.meta.url)) },
  activities: crashingActivities(
    createActivities({
      ledger: watchedLedger(ledger),
      sides: (account) => sides.of(account),
      notify: async () => {},
      channel: () => undefined,
      compose: async () => Promise.reject(new Error('not asked')),
      redact: (text) => redactor.text(text),
      observe: () => {},
      now: Date.now,
    }),
  ),
  stickyQueueScheduleToStartTimeout: '1 second',
});
writeSync(1, 'ready\n');
await worker.run();
