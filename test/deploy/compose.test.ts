import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { loadConfig } from '../../src/config/load-config.js';
import { readComposeFile, readRepositoryFile, repository, withDefaults, type ComposeService } from './compose-file.js';

const compose = readComposeFile();
const services = Object.entries(compose.services);
const jobs = services.filter(([, { restart }]) => restart !== 'unless-stopped');
const servers = services.filter(([, { restart }]) => restart === 'unless-stopped');

function serviceNamed(name: string): ComposeService {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

/** Host path of each secret by the path at which the service sees it. */
function secretsOf({ secrets }: ComposeService): Record<string, string> {
  return Object.fromEntries(
    secrets.map((secret) => {
      const { source, target } = typeof secret === 'string' ? { source: secret, target: secret } : secret;
      const declared = compose.secrets[source];
      if (declared === undefined) throw new Error(`the secret ${source} is not declared`);
      return [target.startsWith('/') ? target : `/run/secrets/${target}`, withDefaults(declared.file)];
    }),
  );
}

describe('docker-compose.yml', () => {
  it('has the parts of the stack', () => {
    expect(servers.map(([name]) => name)).toEqual(['postgres', 'temporal', 'temporal-ui', 'worker', 'serve']);
    expect(jobs.map(([name]) => name)).toEqual(['databases', 'temporal-schema', 'temporal-namespace', 'migrate']);
  });

  it.each(services)('pins the version of %s', (_name, { image }) => {
    expect(withDefaults(image)).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
  });

  it("takes Temporal's tools in the version of its server", () => {
    const version = serviceNamed('temporal').image.split(':')[1];
    expect(serviceNamed('temporal-schema').image).toBe(`temporalio/admin-tools:${version}`);
    expect(serviceNamed('temporal-namespace').image).toBe(`temporalio/admin-tools:${version}`);
  });

  it("takes Plumbline's own version by default", () => {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(readRepositoryFile('package.json')));
    for (const name of ['migrate', 'worker', 'serve']) {
      expect(serviceNamed(name)).toMatchObject({ build: '.' });
      expect(withDefaults(serviceNamed(name).image)).toBe(`plumbline:${version}`);
    }
  });

  it.each(services)('gives %s no privileges, a file system that cannot be written, and limits', (_name, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    // Without a user it is the image's own, which is unprivileged in all of these but PostgreSQL's.
    expect(service.user).toBe(service.image.startsWith('postgres:') ? 'postgres' : undefined);
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.pids_limit).toBeGreaterThan(0);
  });

  it.each(services)('rotates the log of %s', (_name, { logging }) => {
    expect(logging.driver).toBe('json-file');
    expect(Object.keys(logging.options)).toEqual(['max-size', 'max-file']);
  });

  it.each(services)('publishes ports of %s on the loopback address only', (_name, { ports }) => {
    for (const port of ports) expect(withDefaults(port)).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(servers)('watches the health of %s', (_name, { healthcheck }) => {
    expect(healthcheck?.test[0]).toBe('CMD');
  });

  it('waits for health of what serves and for the end of what is a job', () => {
    for (const [name, { depends_on: dependencies }] of services) {
      for (const [dependency, { condition }] of Object.entries(dependencies)) {
        const isJob = jobs.some(([job]) => job === dependency);
        const expected = isJob ? 'service_completed_successfully' : 'service_healthy';
        expect({ name, dependency, condition }).toEqual({ name, dependency, condition: expected });
      }
    }
  });

  it('starts nothing before the database, and the worker after everything it needs', () => {
    const before = (name: string): string[] =>
      Object.keys(serviceNamed(name).depends_on).flatMap((dependency) => [dependency, ...before(dependency)]);
    const others = services.map(([name]) => name).filter((name) => name !== 'postgres');
    for (const name of others) expect(before(name)).toContain('postgres');
    expect(new Set(before('worker'))).toEqual(
      new Set(['migrate', 'databases', 'temporal-namespace', 'temporal', 'temporal-schema', 'postgres']),
    );
  });

  it('mounts only scripts that are there, and read-only', () => {
    const mounts = services
      .flatMap(([, { volumes }]) => volumes.map(withDefaults))
      .filter((text) => /^[./]/.test(text) && !text.startsWith('./deploy/secrets/'));
    expect(mounts.length).toBeGreaterThan(4);
    for (const mount of mounts) {
      const [source = '', , mode] = mount.split(':');
      expect({ mount, mode, there: existsSync(join(repository, source)) }).toEqual({ mount, mode: 'ro', there: true });
    }
    expect(serviceNamed('postgres').volumes).toEqual(['postgres:/var/lib/postgresql']);
  });
});

describe('secrets', () => {
  it('stand in no environment variable, command or address', () => {
    for (const [, { environment, command = [], entrypoint = [] }] of services) {
      const reporting = Object.keys(environment).filter((name) =>
        /PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL|_URL$/i.test(name),
      );
      for (const name of reporting) expect(name).toMatch(/_FILE$/);
      for (const value of Object.values(environment)) expect(value).not.toMatch(/:\/\/[^/]*@/);
      expect([...command, ...entrypoint].join(' ')).not.toMatch(/password|:\/\/[^/]*@/i);
    }
    expect(readRepositoryFile('docker-compose.yml')).not.toMatch(/:\/\/[^/\s]*:[^/\s]*@/);
  });

  it('come from one folder that Git and the image leave out', () => {
    const files = Object.entries(compose.secrets).filter(([name]) => name !== 'configuration');
    for (const [name, { file }] of files) expect(withDefaults(file)).toBe(`./deploy/secrets/${name}`);
    expect(readRepositoryFile('deploy/.gitignore').split('\n')).toContain('secrets/');
    expect(readRepositoryFile('.dockerignore')).not.toMatch(/^!deploy/m);
  });

  it("of an exchange reach the worker alone, and each role of the ledger's database its own process", () => {
    const holders = services.filter(([, { volumes }]) => volumes.some((text) => text.includes(':/run/plumbline:')));
    expect(holders.map(([name]) => name)).toEqual(['worker']);
    const links = ['link_secret'];
    const hashes = ['operator_token_sha256', 'metrics_token_sha256', 'gate_token_sha256'];
    const others = { migrate: [], worker: links, serve: [...hashes, ...links] };
    for (const [name, own] of Object.entries(others)) {
      const role = name === 'migrate' ? 'owner' : name;
      expect(secretsOf(serviceNamed(name))).toEqual({
        '/etc/plumbline/plumbline.yaml': './plumbline.yaml',
        '/run/secrets/ledger_url': `./deploy/secrets/ledger_${role}_url`,
        ...Object.fromEntries(own.map((each) => [`/run/secrets/${each}`, `./deploy/secrets/${each}`])),
      });
    }
    const administrators = services.filter(([, { secrets }]) => secrets.includes('postgres_password'));
    expect(administrators.map(([name]) => name)).toEqual(['postgres', 'databases']);
  });
});

describe('networks', () => {
  it('lead outside only where something is published or an exchange is asked', () => {
    expect(compose.networks).toMatchObject({
      database: { internal: true },
      temporal: { internal: true },
      outside: { internal: false },
    });
    const outside = services.filter(([, { networks }]) => networks.includes('outside')).map(([name]) => name);
    expect(outside).toEqual(['temporal-ui', 'worker', 'serve']);
  });

  it('connect every service with what it depends on through a job or directly', () => {
    for (const [name, service] of services) {
      const hosts = Object.values(service.environment).flatMap(
        (value) => /^(?:passthrough:\/{3})?([a-z]+)(?::\d+)?$/.exec(value)?.[1] ?? [],
      );
      for (const host of hosts) {
        const target = compose.services[host];
        if (target === undefined || host === name) continue;
        const shared = service.networks.filter((network) => target.networks.includes(network));
        expect({ name, host, shared: shared.length > 0 }).toEqual({ name, host, shared: true });
      }
    }
  });
});

describe('Plumbline in it', () => {
  const config = loadConfig(join(repository, 'deploy/plumbline.example.yaml'));

  it('reads the example configuration: secrets as files, listening where a published port can reach', () => {
    expect(config.ledger.url).toEqual({ file: '/run/secrets/ledger_url' });
    expect(config.serve.host).toBe('0.0.0.0');
    expect(serviceNamed('serve').ports.map(withDefaults)).toEqual([`127.0.0.1:9400:${config.serve.port}`]);
    const sources = config.accounts.flatMap(({ exchange }) => Object.values(exchange.credentials));
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(source).toEqual({ file: expect.stringMatching(/^\/run\/plumbline\//) });
  });

  it('has tokens, because others can reach it, and finds the hash of each', () => {
    expect(config.serve.tokens.map(({ role }) => role)).toEqual(['operator', 'viewer', 'gate-only']);
    for (const { sha256 } of config.serve.tokens) {
      const { file } = sha256 as { file: string };
      expect(Object.keys(secretsOf(serviceNamed('serve')))).toContain(file);
    }
    expect(config.serve.metricsWithoutToken).toBe(false);
  });

  it('answers under the name of its service, at which bots and Prometheus in containers ask', () => {
    expect(config.serve.allowedHosts).toEqual(['serve']);
    expect(Object.keys(compose.services)).toContain('serve');
  });

  it('is asked for its readiness where it listens', () => {
    expect(serviceNamed('worker').healthcheck?.test.join(' ')).toContain(
      `http://127.0.0.1:${config.worker.metricsPort}/readyz`,
    );
    expect(serviceNamed('serve').healthcheck?.test.join(' ')).toContain(`http://127.0.0.1:${config.serve.port}/readyz`);
  });

  it('is given more time to stop than the worker takes for it', () => {
    const grace = /shutdownGraceTime: '(\d+) seconds'/.exec(readRepositoryFile('src/worker-options.ts'))?.[1];
    const stop = /^(\d+)s$/.exec(serviceNamed('worker').stop_grace_period ?? '')?.[1];
    expect(Number(grace)).toBeGreaterThan(0);
    expect(Number(stop)).toBeGreaterThanOrEqual(Number(grace) + 5);
  });

  it('finds Temporal, its namespace and its configuration through variables that are read', () => {
    const read = readRepositoryFile('src/config/environment.ts');
    for (const name of ['migrate', 'worker', 'serve']) {
      const { environment } = serviceNamed(name);
      for (const variable of Object.keys(environment).filter((key) => key.startsWith('PLUMBLINE_'))) {
        expect(read).toContain(`'${variable}'`);
      }
      expect(environment['TEMPORAL_NAMESPACE']).toBe(
        serviceNamed('temporal-namespace').environment['TEMPORAL_NAMESPACE'],
      );
      expect(Object.keys(secretsOf(serviceNamed(name)))).toContain(environment['PLUMBLINE_CONFIG']);
    }
  });
});
