import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { Pusher, PushFailed, type State } from '../../packages/bot/src/index.js';
import { repository } from '../support/packages.js';

const resultSchema = z.object({
  pushed: z
    .object({ as_of: z.string(), unread: z.array(z.object({ symbol: z.string().nullable(), reason: z.string() })) })
    .nullable(),
  failed: z
    .object({
      reason: z.string(),
      text: z.string(),
      status: z.number().nullable(),
      fields: z.array(z.object({ path: z.string(), problem: z.string() })),
      retry_after: z.number().nullable(),
    })
    .nullable(),
  /** How long the bot was held up. */
  ms: z.number(),
});
/** So that a busy machine ends no push that is to succeed. */
const PATIENT_SECONDS = 20;

export type PushOutcome = z.infer<typeof resultSchema>;

/** One of the two clients that push, as a test uses it. Their token is "bot-7". */
export interface PushClient {
  push(url: string, account: string, state: object, timeout?: number): Promise<PushOutcome>;
  end(): Promise<void>;
}

export function typescriptPusher(): PushClient {
  const pushers = new Map<string, Pusher>();
  return {
    async push(url, account, state, timeout = PATIENT_SECONDS) {
      const key = `${url} ${account} ${timeout}`;
      const pusher = pushers.get(key) ?? new Pusher({ url, account, token: 'bot-7', timeout });
      pushers.set(key, pusher);
      const began = performance.now();
      const msNow = (): number => performance.now() - began;
      try {
        const pushed = await pusher.push(state as State);
        return resultSchema.parse({ pushed, failed: null, ms: msNow() });
      } catch (error) {
        if (!(error instanceof PushFailed)) throw error;
        const { reason, message, status, fields, retryAfter } = error;
        const failed = { reason, text: message, status, fields, retry_after: retryAfter };
        return resultSchema.parse({ pushed: null, failed, ms: msNow() });
      }
    },
    end: async () => {},
  };
}

/** Runs the Python client in a process of its own. */
export function pythonPusher(): PushClient {
  const child = spawn('python3', [join(repository, 'test/bot/push_driver.py')], {
    env: { ...process.env, PYTHONPATH: join(repository, 'packages/bot-python'), PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const waiting = new Map<number, (line: unknown) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const parsed = z.looseObject({ id: z.number() }).parse(JSON.parse(line));
    waiting.get(parsed.id)?.(parsed);
  });
  let ids = 0;
  return {
    async push(url, account, state, timeout = PATIENT_SECONDS) {
      const id = ++ids;
      const answer = await new Promise<unknown>((resolve, reject) => {
        waiting.set(id, resolve);
        void ended.then(() => reject(new Error(`python3 ended: ${complaints}`)));
        child.stdin.write(`${JSON.stringify({ id, url, account, timeout, state: JSON.stringify(state) })}\n`);
      });
      return resultSchema.parse(answer);
    },
    async end() {
      child.stdin.end();
      child.kill();
      await ended;
    },
  };
}
