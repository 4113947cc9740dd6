import type { RunKey } from './run.js';

/**
 * The trace id of a run, 32 hex digits. It is a hash (MurmurHash3) of what identifies the run. So a program that knows the run knows
 * its trace, a replay gives the same id, and the workflow draws no random number for it. Every part of the id is well distributed,
 * because samplers decide by a part of it.
 */
export function traceIdOf({ workflowRunId, runNumber }: Pick<RunKey, 'workflowRunId' | 'runNumber'>): string {
  return hashed(`${workflowRunId}/${runNumber}`, TRACE_ID_WORDS);
}

/** The id of a span, 16 hex digits. `place` distinguishes the spans of a trace. */
export function spanIdOf(traceId: string, place: string): string {
  return hashed(`${traceId}/${place}`, SPAN_ID_WORDS);
}

/** Words of 32 bits. */
const TRACE_ID_WORDS = 4;
const SPAN_ID_WORDS = 2;

function hashed(text: string, words: number): string {
  return Array.from({ length: words }, (_, seed) => murmur3(text, seed).toString(16).padStart(8, '0')).join('');
}

/** MurmurHash3, x86, 32 bits, of the low byte of each character. */
function murmur3(text: string, seed: number): number {
  let hash = seed;
  const whole = text.length - (text.length % 4);
  for (let at = 0; at < whole; at += 4) {
    hash = rotated(hash ^ mixed(block(text, at, 4)), 13);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= mixed(block(text, whole, text.length - whole));
  hash ^= text.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function block(text: string, at: number, bytes: number): number {
  let value = 0;
  for (let byte = 0; byte < bytes; byte++) value |= (text.charCodeAt(at + byte) & 0xff) << (8 * byte);
  return value;
}

function mixed(value: number): number {
  return Math.imul(rotated(Math.imul(value, 0xcc9e2d51), 15), 0x1b873593);
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
