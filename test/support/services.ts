import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { startPostgres } from '../../packages/dev-stack/src/postgres.js';
import { findTimeSkippingServer } from '../../packages/dev-stack/src/temporal-binary.js';
import { startTemporal } from '../../packages/dev-stack/src/temporal-server.js';
import { searchAttributeTypes } from './search-attributes.js';

const report = (line: string): void => void process.stderr.write(`${line}\n`);

interface Started {
  /** What the tests receive. */
  answer: unknown;
  stop(): Promise<void>;
}

/** Starts what the tests ask for (`GET /postgres`), once, and keeps it until the jest run ends. */
export async function startTestServices(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-test-'));
  // PostgreSQL may run as another user, who must be able to enter.
  await chmod(folder, 0o711);
  const starters: Record<string, () => Promise<Started>> = {
    '/postgres': async () => {
      const server = await startPostgres({ dataDirectory: join(folder, 'postgres'), durable: false });
      return { answer: { url: server.url }, stop: async () => server.stop() };
    },
    '/temporal': async () => {
      const server = await startTemporal({
        stateDirectory: join(folder, 'temporal'),
        headless: true,
        searchAttributes: searchAttributeTypes,
        report,
      });
      return { answer: { address: server.address, namespace: server.namespace }, stop: async () => server.stop() };
    },
    '/time-skipping-server': async () => {
      return { answer: { executable: await findTimeSkippingServer({ report }) }, stop: async () => {} };
    },
  };
  const started = new Map<string, Promise<Started>>();

  // Test files ask minutes apart: a connection must not end just as the next request arrives.
  const server = createServer({ keepAliveTimeout: 3_600_000 }, (request, response) => {
    const path = request.url ?? '';
    const starter = starters[path];
    const respond = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (starter === undefined) return respond(404, { error: `no test service ${path}` });
    let service = started.get(path);
    if (service === undefined) {
      service = starter();
      started.set(path, service);
    }
    service.then(
      ({ answer }) => respond(200, answer),
      (error: unknown) => respond(500, { error: inspect(error) }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The test services have no port.');

  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      const services = await Promise.allSettled(started.values());
      await Promise.all(services.map(async (one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
