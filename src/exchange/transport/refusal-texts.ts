import type { Ban } from './bans.js';
import { LONGEST_BAN_MS, LONGEST_RATE_LIMIT_MS } from './request-limits.js';

const HOUR_MS = 60 * 60_000;

/** "bybit refuses this key until 2026-11-24T12:00:09.000Z" */
export function refusedUntil(exchange: string, ban: Ban, nowMs: number, disbelievedMs: number | null): string {
  const until = `${exchange} refuses this ${ban.stops} until ${endOf(ban, nowMs)}`;
  return disbelievedMs === null ? until : `${until} (it asks for ${hours(disbelievedMs)}, ${disbelief(ban)})`;
}

/** What a person does about it. */
export function remedyOf(exchange: string, ban: Ban, nowMs: number): string {
  const wait = `wait until ${endOf(ban, nowMs)}, reads then continue without further action`;
  return ban.stops === 'key'
    ? `${wait}; find what else uses this key (the bot, another worker), or raise the interval_minutes of its accounts`
    : `${wait}; find what else asks ${exchange} from this address, or lower weight_per_minute, which all its accounts share`;
}

/** By this machine's clock. */
function endOf(ban: Ban, nowMs: number): string {
  return new Date(nowMs + ban.remainingMs).toISOString();
}

/** A duration, not a date: a wait that is rejected may lie beyond the range of dates. */
function hours(ms: number): string {
  return `${Math.round(ms / HOUR_MS)} h`;
}

function disbelief({ remainingMs }: Ban): string {
  if (remainingMs === LONGEST_BAN_MS) return 'and no ban longer than 24 h is believed';
  return `and no rate limit longer than ${LONGEST_RATE_LIMIT_MS / 60_000} min is believed`;
}
