import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Runtime } from '@temporalio/worker';
import { freePort } from '@plumbline/primitives/free-port';
import { createLogger } from '../src/logging/logger.js';
import { createRedactor } from '../src/redaction/redactor.js';
import { installRuntime } from '../src/worker-runtime.js';

describe("the runtime's port", () => {
  it('is chosen again if another process took it after the choice', async () => {
    const taken = await freePort();
    const squatter = createServer().listen(taken, '127.0.0.1');
    await once(squatter, 'listening');
    const free = await freePort();
    const choices = [taken, free];
    const logger = createLogger({ name: 'test', level: 'silent', redactor: createRedactor() });
    try {
      expect(await installRuntime(logger, async () => choices.shift() ?? 0)).toBe(free);
      const answer = await fetch(`http://127.0.0.1:${free}/metrics`);
      expect(answer.status).toBe(200);
    } finally {
      squatter.close();
      await Runtime.instance().shutdown();
    }
  });

  it('is outside of the ports that the system gives to connections', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, freePort));
    expect(ports.every((port) => port >= 20_000 && port < 32_768)).toBe(true);
  });
});
