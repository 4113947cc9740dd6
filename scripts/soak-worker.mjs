// Preloaded into the worker processes of soak-pauses.mjs, and into their threads.
//
// On SIGUSR2 the process stops itself (SIGSTOP) while a workflow handles a burst of signals. A stop from outside rarely
// hits that moment.
//
// PLUMBLINE_SOAK_SETTING, which only this file reads, reverts the product's settings, so that a soak can show their
// effect:
//
//   product       nothing is changed
//   stop-only     the SDK's script timeout; the worker still ends when it fires
//   sdk-defaults  the SDK's script timeout, and the worker continues after it
//
// PLUMBLINE_SOAK_SCRIPT_TIMEOUT: that timeout, if not the SDK's 5 s. A shorter one fires in shorter pauses.
import { writeSync } from 'node:fs';
import vm from 'node:vm';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { Worker } from '@temporalio/worker';

const BURST_SIGNALS = 5;
/** Handling a burst takes about this long. */
const BURST_MS = 0.6;
/** After this time without a burst the process is stopped from outside. */
const AIM_MS = 9500;
const setting = process.env.PLUMBLINE_SOAK_SETTING ?? 'product';

if (isMainThread) aimInMainThread();
else reportBursts(new Int32Array(getEnvironmentData('soak')));

function aimInMainThread() {
  const shared = new SharedArrayBuffer(4);
  /** 1 while the workflow thread handles a burst. */
  const bursting = new Int32Array(shared);
  setEnvironmentData('soak', shared);
  let aimingUntil = 0;
  process.on('SIGUSR2', () => (aimingUntil = performance.now() + AIM_MS));

  const create = Worker.create.bind(Worker);
  Worker.create = async (options) => {
    if (setting === 'sdk-defaults') process.removeAllListeners('worker');
    process.on('worker', stopInBurstsOf);
    const isolateExecutionTimeout = process.env.PLUMBLINE_SOAK_SCRIPT_TIMEOUT ?? '5s';
    return create(setting === 'product' ? options : { ...options, isolateExecutionTimeout });
  };

  function stopInBurstsOf(thread) {
    const post = thread.postMessage.bind(thread);
    thread.postMessage = (message, ...rest) => {
      post(message, ...rest);
      const { type, activation } = message.input ?? {};
      if (performance.now() > aimingUntil || type !== 'activate-workflow' || !isBurst(activation.jobs)) return;
      while (Atomics.load(bursting, 0) === 0) if (performance.now() > aimingUntil) return;
      aimingUntil = 0;
      const until = performance.now() + Math.random() * BURST_MS;
      while (performance.now() < until);
      writeSync(2, `soak: stopping ${Atomics.load(bursting, 0) === 1 ? 'in a burst' : 'after a burst'}\n`);
      process.kill(process.pid, 'SIGSTOP');
    };
  }
}

function reportBursts(bursting) {
  const { value: run } = Object.getOwnPropertyDescriptor(vm.Script.prototype, 'runInContext');
  vm.Script.prototype.runInContext = function runAndReport(context, options) {
    const [, call, args] = context.__temporal_args ?? [];
    if (call !== 'activate' || !isBurst(args[0].jobs)) return run.call(this, context, options);
    Atomics.store(bursting, 0, 1);
    try {
      return run.call(this, context, options);
    } finally {
      Atomics.store(bursting, 0, 0);
    }
  };
}

function isBurst(jobs) {
  return jobs.filter(({ signalWorkflow }) => signalWorkflow).length >= BURST_SIGNALS;
}
