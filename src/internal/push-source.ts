import { createHash } from 'node:crypto';
import type { PushConfig } from '../config/config.js';
import type { PushedState } from '../domain/account/pushed-state.js';
import { inTurns } from '../runtime/turns.js';
import { utf8Text } from '../runtime/utf8.js';
import { duration } from './freshness.js';
import type { InternalSource } from './internal-source.js';
import { sourceFailure } from './source-failure.js';
import { stateDocument } from './state-document.js';

/** Reads the newest state that the bot of an account pushed; null if it has pushed none. */
export type ReadPushed = (account: string) => Promise<PushedState | null>;

interface Dependencies {
  pushed: ReadPushed | undefined;
  now: () => number;
}

/**
 * Reads the internal state that the bot pushed to `serve`, from the ledger's database.
 *
 * A heartbeat is demanded: after `maxSilenceSeconds` without a push the state is stale, whatever time the document names. Both
 * ends of the silence are read from the database's clock. The age of the document itself is checked as for all sources.
 */
export function createPushSource(config: PushConfig, { pushed, now }: Dependencies): InternalSource {
  const { account, maxSilenceSeconds } = config;
  const path = `PUT /v1/accounts/${account}/state`;
  return {
    description: `push ${path}`,
    async readState({ signal } = {}) {
      signal?.throwIfAborted();
      if (pushed === undefined) {
        throw sourceFailure(
          'configuration',
          'pushed states are in the ledger, and there is none',
          'set ledger.url_env',
        );
      }
      const startedAt = now();
      const state = await pushed(account);
      signal?.throwIfAborted();
      if (state === null) {
        throw sourceFailure(
          'internal_stale',
          `the bot has pushed no state yet (${path})`,
          'let the bot push its state at the end of each loop, and check that `plumbline serve` runs and reads this configuration',
        );
      }
      const silentSeconds = (state.readAt.getTime() - state.receivedAt.getTime()) / 1000;
      // Written so that NaN is too long.
      if (!(silentSeconds <= maxSilenceSeconds)) throw silence(silentSeconds);
      return inTurns(stateDocument(textOf(state), { side: 'internal', receivedAt: { startedAt, endedAt: now() } }));
    },
  };

  function silence(seconds: number): Error {
    return sourceFailure(
      'internal_stale',
      `the last push came ${duration(seconds)} ago; at most ${duration(maxSilenceSeconds)} without one are accepted`,
      'check that the bot runs and pushes at the end of each loop, also when nothing changed, or raise max_silence_seconds',
    );
  }

  function textOf({ document, sha256 }: PushedState): string {
    const text = createHash('sha256').update(document).digest('hex') === sha256 ? utf8Text(document) : null;
    if (text !== null) return text;
    throw sourceFailure(
      'unreadable',
      'the stored document is not the one that was pushed',
      'the next push replaces it; if it happens again, find out who changes the table pushed_state',
    );
  }
}
