import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../src/config/load-config.js';
import { readRepositoryFile, repository } from './compose-file.js';

const folder = 'deploy/kubernetes';
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.literal('http') }) });
const containerSchema = z.object({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  env: z.undefined().optional(),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) }).strict()),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).optional(),
  startupProbe: probe.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  resources: z.object({ limits: z.object({ memory: z.string() }) }),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string(), subPath: z.undefined().optional() })),
});
const workloadSchema = z.object({
  kind: z.enum(['Deployment', 'Job']),
  spec: z.object({
    template: z.object({
      spec: z.object({
        automountServiceAccountToken: z.literal(false),
        securityContext: z.object({
          runAsNonRoot: z.literal(true),
          runAsUser: z.number().min(1),
          seccompProfile: z.object({ type: z.literal('RuntimeDefault') }),
        }),
        containers: z.tuple([containerSchema]),
        volumes: z.array(
          z.object({
            name: z.string(),
            secret: z.object({ secretName: z.string(), defaultMode: z.number() }).optional(),
          }),
        ),
      }),
    }),
  }),
});
const kustomization = z
  .object({
    resources: z.array(z.string()),
    images: z.tuple([z.object({ newTag: z.string() })]),
    configMapGenerator: z.array(
      z.object({ name: z.string(), files: z.array(z.string()).optional(), literals: z.array(z.string()).optional() }),
    ),
  })
  .parse(parse(readRepositoryFile(`${folder}/kustomization.yaml`)));

/** Everything that runs, by the file's name. */
const workloads = kustomization.resources.map((file) => {
  const [first] = parseAllDocuments(readRepositoryFile(`${folder}/${file}`));
  return [file.replace('.yaml', ''), workloadSchema.parse(first?.toJS())] as const;
});
const config = loadConfig(join(repository, folder, 'plumbline.yaml'));

describe('deploy/kubernetes', () => {
  it('names every file', () => {
    const files = readdirSync(join(repository, folder)).toSorted();
    const named = kustomization.configMapGenerator.flatMap(({ files: some = [] }) => some);
    expect([...kustomization.resources, ...named, 'kustomization.yaml'].toSorted()).toEqual(files);
  });

  it('pins the version of the image to that of package.json', () => {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(readRepositoryFile('package.json')));
    expect(kustomization.images[0].newTag).toBe(version);
  });

  it.each(workloads)('%s mounts what it declares, and each secret for its group only', (name, { spec }) => {
    const { volumes, containers } = spec.template.spec;
    expect(volumes.map((each) => each.name)).toEqual(containers[0].volumeMounts.map((each) => each.name));
    expect(containers[0].args).toEqual([name]);
    for (const { secret } of volumes) expect(secret?.defaultMode ?? 0o440).toBe(0o440);
    const names = volumes.flatMap(({ secret }) => (secret === undefined ? [] : [secret.secretName]));
    const role = name === 'migrate' ? 'owner' : name;
    expect(names).toEqual([`plumbline-ledger-${role}`, ...(name === 'migrate' ? [] : [`plumbline-${name}`])]);
  });

  it.each(workloads.filter(([, { kind }]) => kind === 'Deployment'))(
    '%s is probed where it answers',
    (name, { spec }) => {
      const [container] = spec.template.spec.containers;
      expect(container.startupProbe?.httpGet.path).toBe('/healthz');
      expect(container.livenessProbe?.httpGet.path).toBe('/healthz');
      expect(container.readinessProbe?.httpGet.path).toBe('/readyz');
      const port = name === 'worker' ? config.worker.metricsPort : config.serve.port;
      expect(container.ports).toEqual([{ name: 'http', containerPort: port }]);
      expect(readRepositoryFile(name === 'worker' ? 'src/worker-metrics.ts' : 'src/http/serve.ts')).toMatch(
        /app\.get\('\/healthz'[^]*app\.get\('\/readyz'/,
      );
    },
  );

  it('has no secret in the environment', () => {
    const literals = kustomization.configMapGenerator.flatMap(({ literals: some = [] }) => some);
    expect(literals.map((text) => text.split('=')[0])).toEqual(['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE']);
    expect(JSON.stringify(config)).not.toContain('"env":');
  });
});

describe('deploy/kubernetes-build', () => {
  const second = z
    .object({
      resources: z.tuple([z.literal('../kubernetes')]),
      nameSuffix: z.string().min(2),
      labels: z.tuple([z.object({ pairs: z.record(z.string(), z.string()), includeSelectors: z.literal(true) })]),
      images: z.tuple([z.object({ name: z.string() })]),
      patches: z.array(
        z.object({ target: z.object({ kind: z.string(), name: z.string().optional() }), patch: z.string() }),
      ),
    })
    .parse(parse(readRepositoryFile('deploy/kubernetes-build/kustomization.yaml')));

  it('leaves of everything that deploy/kubernetes has only the worker, under another name and selector', () => {
    const has = kustomization.resources.flatMap((file) =>
      parseAllDocuments(readRepositoryFile(`${folder}/${file}`)).map((document) =>
        z.object({ kind: z.string(), metadata: z.object({ name: z.string() }) }).parse(document.toJS()),
      ),
    );
    const left = has.filter(
      ({ kind, metadata: { name } }) =>
        !second.patches.some(({ target }) => target.kind === kind && (target.name ?? name) === name),
    );
    expect(left.map(({ kind, metadata: { name } }) => `${kind} ${name}`)).toEqual(['Deployment worker']);
    expect(second.patches.map(({ target }) => target.kind)).toContain('ConfigMap');
    for (const { patch } of second.patches) expect(parse(patch)).toMatchObject({ $patch: 'delete' });
    expect(second.labels[0].pairs).toEqual({ 'app.kubernetes.io/component': `worker${second.nameSuffix}` });
    expect(second.images[0].name).toBe(
      z
        .object({ images: z.tuple([z.object({ newName: z.string() })]) })
        .parse(parse(readRepositoryFile(`${folder}/kustomization.yaml`))).images[0].newName,
    );
  });
});

describe('deploy/systemd', () => {
  const [worker, serve] = ['worker', 'serve'].map((name) =>
    readRepositoryFile(`deploy/systemd/plumbline-${name}.service`),
  );

  it('has the same settings for both, except what differs', () => {
    const neutral = (text = ''): string =>
      text
        .replaceAll(/\b(worker|serve)\b/g, 'X')
        .replace(/^Description=.*$/m, '')
        .replace(/^(MemoryMax|TimeoutStopSec)=.*$/gm, '$1');
    expect(neutral(worker)).toBe(neutral(serve));
  });

  it('has the same settings for the worker of a named build, except its folder and its port', () => {
    const build = readRepositoryFile('deploy/systemd/plumbline-worker@.service');
    const settings = (text = ''): string[] =>
      text
        .replaceAll('/opt/plumbline-%i', '/opt/plumbline')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('Description='));
    const more = ['Environment=METRICS_PORT=0', 'EnvironmentFile=-/etc/plumbline/worker-%i'];
    expect(
      settings(build)
        .filter((line) => !more.includes(line))
        .map((line) => line.replace(' --metrics-port ${METRICS_PORT}', '')),
    ).toEqual(settings(worker));
  });

  it.each([
    'Restart=always',
    'ExecReload=/bin/kill -HUP $MAINPID',
    'ProtectSystem=strict',
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'User=plumbline-worker',
    'BindReadOnlyPaths=/etc/plumbline/secrets/worker:/run/plumbline',
  ])('has %s', (line) => {
    expect(worker?.split('\n')).toContain(line);
  });
});
