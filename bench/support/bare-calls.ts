import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readInternal } from '../../src/observe/read-internal.js';
import { createSides } from '../../src/observe/account-sides.js';
import { resolveSecret } from '../../src/config/environment.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import { compare } from '../../src/domain/compare/compare.js';

/** Makes the bare calls of an account on request, in a separate process, because a worker is one too. */
export interface BareCaller {
  /**
   * Milliseconds of one observation: both sides are read as the activities read them, and compared, without Temporal
   * and ledger.
   */
  call(): Promise<number>;
  end(): void;
}

export function startBareCaller(configPath: string, account: string, env: Record<string, string>): BareCaller {
  const script = fileURLToPath(new URL('./bare-calls-process.mjs', import.meta.url));
  const child = fork(script, [configPath, account], { env: { ...process.env, ...env } });
  const diesTooSoon = once(child, 'exit').then(() => {
    throw new Error('the process of the bare calls ended');
  });
  diesTooSoon.catch(() => {}); // The call that waits for it reports it.
  return {
    async call() {
      child.send('call');
      const [answer] = (await Promise.race([once(child, 'message'), diesTooSoon])) as [
        { ms: number } | { error: string },
      ];
      if ('error' in answer) throw new Error(answer.error);
      return answer.ms;
    },
    end: () => void child.kill('SIGKILL'),
  };
}

/** The main loop of the process of `startBareCaller`: answers each message with the time of one observation. */
export function answerWithBareCalls(configPath: string, account: string): void {
  const config = loadConfig(configPath);
  const policy = config.accounts.find(({ name }) => name === account)?.policy;
  if (policy === undefined) throw new Error(`${configPath} has no account ${account}`);
  const sides = createSides(config, { redactor: createRedactor(), resolveSecret }).of(account);
  const { maxInternalAgeSeconds } = policy;
  const observation = async (): Promise<void> => {
    const [exchange, internal] = await Promise.all([
      sides.exchange().then(async (reader) => reader.readState()),
      readInternal(sides, { now: Date.now, maxInternalAgeSeconds }),
    ]);
    const { differences } = compare(exchange, internal, policy);
    if (differences.length > 0) throw new Error('the bare calls differ');
  };
  process.on('message', () => {
    const start = performance.now();
    observation().then(
      () => process.send?.({ ms: performance.now() - start }),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
}
