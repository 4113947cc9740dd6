import type { z } from 'zod';
import { LIMITS, type LimitName } from '../domain/limits/limits.js';

/** The error of a zod check for a value beyond a limit. `limitOfIssue` returns the name of the limit from its issue. */
export function beyond(limit: LimitName): { error: string; params: { limit: LimitName } } {
  const { value, unit, what } = LIMITS[limit];
  return { error: `at most ${value} ${unit} (limit: ${what})`, params: { limit } };
}

/** The limit that an issue of `beyond` is about; null for any other issue. */
export function limitOfIssue(issue: z.core.$ZodIssue): LimitName | null {
  const limit: unknown = issue.code === 'custom' ? issue.params?.['limit'] : undefined;
  return typeof limit === 'string' && Object.hasOwn(LIMITS, limit) ? (limit as LimitName) : null;
}
