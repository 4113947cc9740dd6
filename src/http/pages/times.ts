import { html, type Html } from './html.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "45 s", "3 min", "2 h 5 min", "4 d 1 h". The script of the page has the same words. */
export function spanText(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return pair(ms, HOUR_MS, 'h', MINUTE_MS, 'min');
  return pair(ms, DAY_MS, 'd', HOUR_MS, 'h');
}

function pair(ms: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((ms % large) / small);
  const whole = `${Math.floor(ms / large)} ${largeUnit}`;
  return rest === 0 ? whole : `${whole} ${rest} ${smallUnit}`;
}

/** "2026-11-22 15:00:00 UTC". */
export function stampText(at: Date): string {
  return Number.isNaN(at.getTime()) ? 'an unknown time' : `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** "11-22 15:00": within lists, where the year is clear. */
export function shortStamp(at: Date): string {
  return Number.isNaN(at.getTime()) ? '?' : at.toISOString().slice(5, 16).replace('T', ' ');
}

/** How long ago. The page's script keeps it right. */
export function agoTime(at: Date, now: Date): Html {
  return timeElement(at, `${spanText(now.getTime() - at.getTime())} ago`, 'ago');
}

/** How long it has lasted. */
export function forTime(at: Date, now: Date): Html {
  return timeElement(at, spanText(now.getTime() - at.getTime()), 'for');
}

/** When it is due: "in 12 min", or "3 min late". */
export function dueTime(at: Date, now: Date): Html {
  const inMs = at.getTime() - now.getTime();
  return timeElement(at, inMs >= 0 ? `in ${spanText(inMs)}` : `${spanText(-inMs)} late`, 'due');
}

export function stampTime(at: Date): Html {
  return html`<time datetime="${isoOf(at)}">${stampText(at)}</time>`;
}

function timeElement(at: Date, text: string, kind: 'ago' | 'for' | 'due'): Html {
  return html`<time datetime="${isoOf(at)}" data-time="${kind}" title="${stampText(at)}">${text}</time>`;
}

function isoOf(at: Date): string {
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}
