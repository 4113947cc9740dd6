import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import type { PayloadCodec } from '@temporalio/common';
import type { AccountSides } from '../../observe/account-sides.js';
import type { ActParts, Acts } from '../../acts/acts.js';
import type { PlumblineClient } from '../../client.js';
import type { AccountConfig, PlumblineConfig, SecretSource } from '../../config/config.js';
import type { Redactor } from '../../redaction/redactor.js';
import type { Ledger } from '../../ledger/contract/ledger.js';
import type { Environment } from '../../config/environment.js';
import { NO_STATE, resolveSecret, type ResolveSecretOptions } from '../../config/environment.js';
import { CommandError, suggestion, UsageError } from './errors.js';
import type { Io } from '../terminal/io.js';
import { terminalLine } from '../terminal/own-codes.js';
import type { EmbeddedStack } from './stack.js';

const DEFAULT_CONFIG = 'plumbline.yaml';

/**
 * The configuration that a command uses, and the connections that follow from it. This is the one place that decides
 * which configuration, ledger and Temporal server a command works with:
 *
 * 1. `--state`, else `$PLUMBLINE_STATE`: the running `plumbline dev` of that folder, with its configuration.
 * 2. `--config`, else `$PLUMBLINE_CONFIG`, else `plumbline.yaml` in this folder, else that of a running
 *    `plumbline dev`.
 * 3. If that is the configuration of a running `plumbline dev`, the command uses that stack's Temporal and ledger,
 *    whatever else the environment names. A command in a second terminal therefore finds the stack, and never mixes two
 *    deployments.
 * 4. Otherwise Temporal's own configuration decides (`TEMPORAL_ADDRESS`, a profile). If nothing names a server, the
 *    command fails: a server on Temporal's usual port may belong to anybody.
 *
 * Each connection is opened on first use, once, and all are closed together.
 */
export class CommandContext {
  #config: Promise<PlumblineConfig> | null = null;
  #ledger: Promise<Ledger> | null = null;
  #client: Promise<PlumblineClient> | null = null;
  readonly #noted = new Set<string>();

  constructor(
    private readonly io: Io,
    private readonly environment: Environment,
    private readonly redactor: Redactor,
    private readonly flags: { config: string | null; state: string | null },
  ) {}

  /** @throws the configuration's own error, which names path, value and remedy */
  async config(): Promise<PlumblineConfig> {
    this.#config ??= this.loadConfig();
    return this.#config;
  }

  /** The account's configuration. @throws CommandError with a suggestion if the file has no such account */
  async account(name: string): Promise<AccountConfig> {
    const { accounts, path } = await this.config();
    const account = accounts.find((each) => each.name === name);
    if (account !== undefined) return account;
    const names = accounts.map((each) => each.name);
    throw new CommandError(`${path} has no account "${name}"`, suggestion(name, names));
  }

  async ledger(): Promise<Ledger> {
    this.#ledger ??= this.openLedger();
    return this.#ledger;
  }

  /** @throws CommandError with a suggestion if the ledger knows no such account */
  async ledgerOf(account: string): Promise<Ledger> {
    const ledger = await this.ledger();
    if ((await ledger.account(account)) !== null) return ledger;
    const names = (await ledger.accounts()).map((totals) => totals.account);
    throw new CommandError(`the ledger knows no account "${account}"`, suggestion(account, names));
  }

  async ledgerUrl(): Promise<string> {
    const { ledger } = await this.config();
    const url = resolveSecret(ledger.url, 'ledger.url', this.secretOptions());
    this.redactor.add(url);
    return url;
  }

  async client(): Promise<PlumblineClient> {
    // A failed attempt is not kept, so `--watch` finds the server when it is back.
    this.#client ??= this.connectClient().catch((error: unknown) => {
      this.#client = null;
      throw error;
    });
    return this.#client;
  }

  /** What people do about an account, with this command's connections. */
  async acts(findingOf?: ActParts['findingOf']): Promise<Acts> {
    const { Acts } = await import('../../acts/acts.js');
    return new Acts({
      client: async () => this.client(),
      ledger: async () => this.ledger(),
      ...(findingOf !== undefined && { findingOf }),
    });
  }

  /** Runs `work` with the two sides of an account, then releases them. */
  async withSides<T>(account: string, work: (sides: AccountSides) => Promise<T>): Promise<T> {
    const config = await this.config();
    const { createSides } = await import('../../observe/account-sides.js');
    const sides = createSides(config, {
      redactor: this.redactor,
      resolveSecret: (source, what) => resolveSecret(source, what, this.secretOptions()),
      pushed: async (name) => (await this.ledger()).pushedState(name),
    });
    try {
      return await work(sides.of(account));
    } finally {
      await sides.close();
    }
  }

  /** Closes every connection that was opened. */
  async close(): Promise<void> {
    const opened = await Promise.allSettled([this.#ledger, this.#client]);
    await Promise.allSettled(
      opened.map(async (each) => (each.status === 'fulfilled' && each.value !== null ? each.value.close() : undefined)),
    );
  }

  /** The value of a secret, which is redacted in all output of this process. */
  secret(source: SecretSource, what: string): string {
    const value = resolveSecret(source, what, this.secretOptions());
    this.redactor.add(value);
    return value;
  }

  private secretOptions(): ResolveSecretOptions {
    return { env: this.io.env, note: (text) => this.noteOnce(text) };
  }

  private noteOnce(text: string): void {
    if (!this.#noted.has(text)) this.io.stderr.write(`${terminalLine(`warning: ${text}`)}\n`);
    this.#noted.add(text);
  }

  private async loadConfig(): Promise<PlumblineConfig> {
    const { path, stack } = await this.findConfig();
    if (stack !== null) Object.assign(this.io.env, stack.env);
    const { loadConfig } = await import('../../config/load-config.js');
    return loadConfig(path);
  }

  private async findConfig(): Promise<{ path: string; stack: EmbeddedStack | null }> {
    const { cwd } = this.io;
    const asked = this.flags.config ?? (this.flags.state === null ? this.environment.configPath : null);
    const askedPath = asked === null ? null : resolve(cwd, asked);
    const state = this.flags.state ?? this.environment.statePath;
    if (state === NO_STATE) return { path: askedPath ?? resolve(cwd, DEFAULT_CONFIG), stack: null };
    if (state !== null) return this.findNamedStack(resolve(cwd, state), askedPath);

    const { findEmbeddedStacks } = await import('./stack.js');
    const stacks = await findEmbeddedStacks(cwd, asked);
    const path = askedPath ?? resolve(cwd, DEFAULT_CONFIG);
    const own = stacks.find(({ configPath }) => resolve(configPath) === path);
    if (own !== undefined) return { path, stack: own };
    if (asked !== null || (await exists(path))) return { path, stack: null };
    const [first] = stacks;
    if (first !== undefined) return { path: first.configPath, stack: first };
    throw new CommandError(
      `there is no configuration: ${path} does not exist, and no \`plumbline dev\` is running here`,
      'name the file with --config or PLUMBLINE_CONFIG, or start `plumbline dev` first; one that runs with --state FOLDER is ' +
        'found with the same --state FOLDER',
    );
  }

  private async findNamedStack(
    folder: string,
    askedPath: string | null,
  ): Promise<{ path: string; stack: EmbeddedStack | null }> {
    const { stackIn } = await import('./stack.js');
    const stack = await stackIn(folder);
    if (stack === null) {
      const source = this.flags.state === null ? 'PLUMBLINE_STATE' : '--state';
      throw new CommandError(
        `no \`plumbline dev\` is running in ${folder}`,
        `start it with \`plumbline dev --state ${folder}\`, or leave ${source} out`,
      );
    }
    if (askedPath === null || askedPath === resolve(stack.configPath)) return { path: stack.configPath, stack };
    if (this.flags.state === null) return { path: askedPath, stack: null };
    throw new UsageError(`the \`plumbline dev\` in ${folder} runs with ${stack.configPath}, not with ${askedPath}`);
  }

  private async openLedger(): Promise<Ledger> {
    const url = await this.ledgerUrl();
    const { createLedger } = await import('../../ledger/create-ledger.js');
    return createLedger(url, { applicationName: 'plumbline-cli' });
  }

  /** Encrypts and decrypts what Temporal stores; null if the configuration does not encrypt. */
  async payloadCodec(): Promise<PayloadCodec | null> {
    const { encryption } = await this.config();
    if (encryption === null) return null;
    const [{ payloadKeysOf }, { createPayloadCodec }] = await Promise.all([
      import('../../config/temporal-config.js'),
      import('../../runtime/payload-codec.js'),
    ]);
    return createPayloadCodec(payloadKeysOf(encryption, (source, what) => this.secret(source, what)));
  }

  private async connectClient(): Promise<PlumblineClient> {
    const { worker } = await this.config();
    const codec = await this.payloadCodec();
    const { env } = this.io;
    await refuseClosedPort(env['TEMPORAL_ADDRESS'] ?? '');
    const { PlumblineClient } = await import('../../client.js');
    return PlumblineClient.connect({
      taskQueue: worker.taskQueue,
      deployment: async () => (await this.ledger()).deploymentId(),
      ...(codec !== null && { codec }),
      ...(env['TEMPORAL_ADDRESS'] !== undefined && { address: env['TEMPORAL_ADDRESS'] }),
      ...(env['TEMPORAL_NAMESPACE'] !== undefined && { namespace: env['TEMPORAL_NAMESPACE'] }),
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * If this machine itself refuses the connection, fails at once instead of letting the client retry for seconds. Other
 * addresses are left to the client, which handles proxies and TLS.
 */
async function refuseClosedPort(address: string): Promise<void> {
  const [, host, port] = /^(127\.\d+\.\d+\.\d+|localhost):(\d+)$/.exec(address) ?? [];
  if (host === undefined || port === undefined) return;
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port: Number(port) });
    const done = (): void => {
      socket.destroy();
      resolve();
    };
    socket.setTimeout(1000, done);
    socket.once('connect', done);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNREFUSED') return done();
      const remedy = 'start it, or say where it is with TEMPORAL_ADDRESS (and TEMPORAL_NAMESPACE)';
      reject(new CommandError(`no Temporal server answers at ${address}`, remedy));
    });
  });
}
