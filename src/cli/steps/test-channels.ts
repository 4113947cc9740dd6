import { randomUUID } from 'node:crypto';
import { commandEnvironment } from '../../config/command-environment.js';
import type { PlumblineConfig } from '../../config/config.js';
import { FailureError, isRetryable } from '../../domain/failure/failure.js';
import { usesChannel } from '../../domain/policy/policy-channels.js';
import { createLogger } from '../../logging/logger.js';
import type { Channel } from '../../notify/channel.js';
import { createChannels } from '../../notify/channels/create-channels.js';
import { testMessage } from '../../notify/test-message.js';
import type { Cli } from '../context/cli.js';
import type { CommandContext } from '../context/command-context.js';
import { CommandError, reportOf, suggestion, type ErrorReport } from '../context/errors.js';

/** What became of a test message on one channel. */
export interface ChannelTest {
  channel: string;
  kind: string;
  milliseconds: number;
  /** The service's own id of the message; null if it gave none or did not accept the message. */
  receipt: string | null;
  /** Null if it was delivered. `retryable`: a worker would try again. */
  failure: (Omit<ErrorReport, 'stack'> & { retryable: boolean }) | null;
}

interface TestOptions {
  context: CommandContext;
  cli: Cli;
  /** Null: all of the configuration. */
  names: readonly string[] | null;
  by: string;
}

/**
 * Sends one message on each channel from this process, without Temporal and ledger: one attempt each, all at the same time.
 *
 * @throws CommandError if there is no such channel, or none at all besides the log
 */
export async function testChannels({ context, cli, names, by }: TestOptions): Promise<ChannelTest[]> {
  const config = await context.config();
  const { stderr } = cli.io;
  const channels = createChannels(config.notify.channels, {
    resolveSecret: (source, what) => context.secret(source, what),
    redactor: cli.redactor,
    log: createLogger({
      name: 'notify',
      level: cli.environment.logLevel,
      redactor: cli.redactor,
      destination: stderr,
      pretty: stderr.isTTY,
      colors: stderr.isTTY && !cli.environment.noColor,
    }),
    now: () => cli.io.now().getTime(),
    commandEnvironment: commandEnvironment(config, cli.io.env),
  });
  try {
    const chosen = names === null ? configured(config, channels) : names.map((name) => named(config, channels, name));
    return await Promise.all(chosen.map(async (channel) => testOne(config, channel, cli, by)));
  } finally {
    await Promise.all(channels.map(async (channel) => channel.close?.()));
  }
}

async function testOne(config: PlumblineConfig, channel: Channel, cli: Cli, by: string): Promise<ChannelTest> {
  const users = config.accounts.filter(({ enabled, policy }) => enabled && usesChannel(policy, channel.name));
  const message = testMessage({
    key: `test-${randomUUID()}`,
    channel: channel.name,
    by,
    accounts: (users.length > 0 ? users : config.accounts).map(({ name }) => name),
    isUsed: users.length > 0,
    now: cli.io.now(),
  });
  const began = performance.now();
  const base = { channel: channel.name, kind: channel.kind };
  const signal = cli.io.takeSignals();
  const spent = (): number => Math.round(performance.now() - began);
  try {
    const { id } = await channel.deliver(message, { signal, previousThread: null });
    return { ...base, milliseconds: spent(), receipt: id, failure: null };
  } catch (error) {
    const { kind, message: text, where, remedy } = reportOf(signal.aborted ? interrupted() : error);
    const retryable = error instanceof FailureError && isRetryable(error.failure.kind);
    return {
      ...base,
      milliseconds: spent(),
      receipt: null,
      failure: { kind, message: text, where, remedy, retryable },
    };
  }
}

function interrupted(): CommandError {
  return new CommandError('interrupted: it is not known whether it was delivered', 'test the channel again');
}

function configured({ notify, path }: PlumblineConfig, channels: readonly Channel[]): Channel[] {
  const names = new Set(notify.channels.map(({ name }) => name));
  if (names.size > 0) return channels.filter(({ name }) => names.has(name));
  throw new CommandError(
    `${path} has no channel: calls are written to the worker's log only`,
    'add one to notify.channels; docs/notifying.md shows each kind',
  );
}

function named({ path }: PlumblineConfig, channels: readonly Channel[], name: string): Channel {
  const channel = channels.find((each) => each.name === name);
  if (channel !== undefined) return channel;
  throw new CommandError(
    `${path} has no channel "${name}"`,
    suggestion(
      name,
      channels.map((each) => each.name),
    ),
  );
}
