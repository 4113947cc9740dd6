import { z } from 'zod';
import { CHANNEL_NAME, MAX_CHANNELS } from '../domain/policy/channel-name.js';
import {
  CHANNEL_NAME_TEXT,
  DEFAULT_SNOOZE_MAX_HOURS,
  isTimeZoneName,
  MAX_RUNGS,
  RUNG_MINUTES,
  rungsProblem,
  SNOOZE_HOURS,
  TIME_OF_DAY,
} from '../domain/policy/ladder-limits.js';
import { isKnownTimeZone } from '../domain/lifecycle/quiet-hours.js';
import { filled, says, whole } from './schema-parts.js';

// Whom a call reaches, and when: fields of `reconciliation`.

const channelName = filled.regex(CHANNEL_NAME, `a channel's name (${CHANNEL_NAME_TEXT})`);
const channels = z
  .array(channelName)
  .min(1)
  .max(MAX_CHANNELS)
  .refine((names) => new Set(names).size === names.length, 'each channel once');

const [MIN_AFTER, MAX_AFTER] = RUNG_MINUTES;
const MINUTES_TEXT = /^(\d{1,5})\s?m(?:in)?$/;
const after = z
  .custom<string | number>(
    (value) => minutesOf(value) !== null,
    `minutes from ${MIN_AFTER} to ${MAX_AFTER}, such as 10 or "10m"`,
  )
  .meta({ type: ['string', 'number'], description: 'Minutes after the call ("10m" or 10).' })
  .transform((value) => minutesOf(value) ?? 0);

function minutesOf(value: unknown): number | null {
  const minutes = typeof value === 'string' ? Number(MINUTES_TEXT.exec(value)?.[1] ?? Number.NaN) : value;
  if (typeof minutes !== 'number' || !Number.isInteger(minutes)) return null;
  return minutes >= MIN_AFTER && minutes <= MAX_AFTER ? minutes : null;
}

export const escalation = z
  .array(z.strictObject({ after, channels: channels.meta({ description: 'Channels of `notify`.' }) }))
  .min(1)
  .max(MAX_RUNGS)
  .superRefine((rungs, context) => {
    const problem = rungsProblem(rungs.map((rung) => ({ ...rung, afterMinutes: rung.after })));
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({
    description:
      'The ladder of a call that pages: each rung is used once its time has passed and nobody has acknowledged, or at once if all channels before it fail. Default: all channels at once.',
  });

export const notifyChannels = channels.meta({
  description: 'Channels of calls that only notify. Default: those of the first rung.',
});

const timeOfDay = filled.regex(TIME_OF_DAY, 'a time of day (HH:MM)');
export const quietHours = z
  .strictObject({
    from: timeOfDay.meta({ description: 'HH:MM, local time.' }),
    to: timeOfDay.meta({ description: 'HH:MM, local time. Before `from`: on the next day.' }),
    time_zone: filled
      .refine((name) => isTimeZoneName(name) && isKnownTimeZone(name), 'an IANA time zone, such as Europe/Berlin')
      .meta({ description: 'IANA name, such as Europe/Berlin.' }),
  })
  .refine(({ from, to }) => from !== to, '`from` and `to` that differ')
  .meta({ description: 'When calls that only notify wait. Calls that page never wait. Default: never.' });

export const snoozeMaxHours = whole(...SNOOZE_HOURS).meta(
  says('Hours after which a snooze ends at the latest.', DEFAULT_SNOOZE_MAX_HOURS),
);
