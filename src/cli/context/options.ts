import { userInfo } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import { UsageError } from './errors.js';
import { parseDuration, stamp } from '../terminal/time.js';

export interface ConfigOption {
  config?: string;
  /** The state folder of a running `plumbline dev`; every command that takes --config takes it. */
  state?: string;
}
export interface OutputOption {
  output: 'text' | 'json';
}
export interface ByOption {
  by: string;
}

export const configOption = (): Option => new Option('--config <file>', 'the configuration file');

export const stateOption = (): Option =>
  new Option('--state <folder>', 'use the running `plumbline dev` of this state folder');

export const outputOption = (): Option =>
  new Option('-o, --output <form>', 'output for people or for programs').choices(['text', 'json']).default('text');

/** The name that is recorded with the request. */
export const byOption = (): Option =>
  new Option('--by <name>', 'who asks').argParser(nonEmpty('--by')).default(userName());

export const limitOption = (unit: string): Option =>
  new Option('-n, --limit <count>', `how many ${unit}`).argParser(wholeNumber(1, 1000)).default(20);

export function nonEmpty(name: string): (text: string) => string {
  return (text) => {
    if (text.trim() === '') throw new InvalidArgumentError(`${name} must not be empty.`);
    return text.trim();
  };
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

export function durationMs(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === null || milliseconds === 0) {
    throw new InvalidArgumentError('It must be a length of time such as 30m, 2h or 1d.');
  }
  return milliseconds;
}

export function isoTime(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) {
    throw new InvalidArgumentError('It must be an ISO 8601 time such as 2026-11-22T18:00:00Z.');
  }
  return at;
}

export interface EndOptions {
  until?: Date;
  for?: number;
}

export const forOption = (): Option =>
  new Option('--for <time>', 'how long: 30m, 2h, 1d').argParser(durationMs).conflicts('until');

export const untilOption = (): Option =>
  new Option('--until <time>', 'until when: 2026-11-22T18:00:00Z').argParser(isoTime);

/** @throws UsageError if neither option is given, or the time is not in the future */
export function endOf(options: EndOptions, now: Date): Date {
  const until = options.until ?? (options.for === undefined ? null : new Date(now.getTime() + options.for));
  if (until === null) throw new UsageError('say for how long: --for 2h or --until 2026-11-22T18:00:00Z');
  if (until.getTime() <= now.getTime()) throw new UsageError(`--until ${stamp(until)} is not in the future`);
  return until;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // No entry in the user database, as in some containers.
    return 'unknown';
  }
}
