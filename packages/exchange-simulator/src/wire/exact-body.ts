import { LosslessNumber, stringify } from 'lossless-json';
import { normalizeDecimal, type DecimalText } from '@plumbline/primitives/decimal';

/** A decimal as a JSON number with every digit of its text, for exchanges that do not quote numbers. */
export function jsonNumber(decimal: DecimalText): LosslessNumber {
  return new LosslessNumber(normalizeDecimal(decimal));
}

/** Serializes a JSON document in which `jsonNumber`s keep their digits. */
export function exactJson(document: unknown): string {
  return stringify(document) ?? 'null';
}
