import type { ChannelConfigOf } from '../../config/channel-config.js';
import { visible } from '../../domain/text/shown-text.js';
import type { FailureError } from '../../domain/failure/failure.js';
import { redactedJson } from '../../redaction/redacted-json.js';
import { runCommand, type CommandEnd } from '../../runtime/command-run.js';
import type { Channel } from '../channel.js';
import { channelFailure } from '../channel-failure.js';
import { settingOf, type ChannelParts } from '../channel-parts.js';
import { messageDocument } from './message-views.js';

/** Characters of stderr that are quoted. */
const QUOTED = 500;
/** Exit codes that are not retried: EX_USAGE, EX_NOUSER, EX_NOPERM and EX_CONFIG of sysexits, and 126 and 127 of a shell. */
const FINAL_CODES: ReadonlySet<number> = new Set([64, 67, 77, 78, 126, 127]);

/**
 * Runs a program for each message, without a shell, with the message as JSON on stdin. The message counts as delivered if the
 * program ends with 0 in time; otherwise its output on stderr is quoted as the reason.
 */
export function createCommandChannel(
  config: ChannelConfigOf<'command'>,
  parts: Pick<ChannelParts, 'redactor' | 'commandEnvironment'>,
): Channel {
  const { name, kind } = config;
  const { command, deadlineSeconds } = config.settings;
  return {
    name,
    kind,
    async deliver(message, { signal }) {
      const end = await runCommand({
        command,
        env: { ...parts.commandEnvironment },
        stdin: redactedJson(JSON.stringify(messageDocument(message)), parts.redactor),
        timeoutMs: deadlineSeconds * 1000,
        keptOutput: 4 * QUOTED,
        signal,
      });
      if (end.kind === 'exited' && end.code === 0) return { id: null, thread: null };
      if (end.kind === 'aborted') throw signal.reason;
      throw failureOf(end);
    },
  };

  function failureOf(end: FailedEnd): FailureError {
    // Redacted before it is shortened, because a part of a secret is secret.
    const said = visible(parts.redactor.text(end.stderr).replaceAll(/\s+/g, ' ')).slice(0, QUOTED);
    const program = parts.redactor.text(command[0] ?? '');
    const text = (what: string): string => `${program} ${what}${said === '' ? '' : `: ${said}`}`;
    const where = settingOf(name, 'command');
    switch (end.kind) {
      case 'not_started': {
        const why = end.error.code ?? parts.redactor.text(end.error.message);
        const remedy =
          why === 'ENOENT' ? `check the path in ${where}` : `check that this user may run the program in ${where}`;
        return channelFailure('configuration', `${program} cannot be started (${why})`, remedy, { where });
      }
      case 'late': {
        const remedy = 'let it end sooner, or raise deadline_seconds of the channel';
        return channelFailure('timeout', text(`ran for more than ${deadlineSeconds} s and was killed`), remedy);
      }
      case 'killed':
        return channelFailure('unreadable', text(`was ended by ${end.signal}`), 'check what ended it');
      case 'exited': {
        const ended = text(`ended with ${end.code}`);
        if (FINAL_CODES.has(end.code)) return channelFailure('configuration', ended, `check ${where}`, { where });
        return channelFailure('unreadable', ended, 'read what it wrote; Plumbline tries again');
      }
    }
  }
}

type FailedEnd = Exclude<CommandEnd, { kind: 'aborted' }>;
