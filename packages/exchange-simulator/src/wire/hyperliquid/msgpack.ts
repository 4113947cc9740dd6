/**
 * MessagePack as the exchange packs an action before hashing it: maps with their keys in document order, whole numbers
 * in the shortest form. https://github.com/msgpack/msgpack/blob/master/spec.md
 *
 * Throws TypeError for values that an action cannot hold, such as fractions: prices and sizes are texts there.
 */
export function packMessage(value: unknown): Buffer {
  if (value === null) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'number') return packInteger(value);
  if (typeof value === 'string') return packText(value);
  if (Array.isArray(value)) return Buffer.concat([packLength(value.length, 0x90, 0xdc), ...value.map(packMessage)]);
  if (typeof value !== 'object') throw new TypeError(`an action cannot hold a ${typeof value}`);
  const entries = Object.entries(value);
  const packed = entries.flatMap(([name, field]) => [packText(name), packMessage(field)]);
  return Buffer.concat([packLength(entries.length, 0x80, 0xde), ...packed]);
}

function packInteger(value: number): Buffer {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`an action cannot hold the number ${value}`);
  if (value < 0x80) return Buffer.from([value]);
  if (value < 0x100) return Buffer.from([0xcc, value]);
  const [code, bytes] = value < 0x1_0000 ? [0xcd, 2] : value < 0x1_0000_0000 ? [0xce, 4] : [0xcf, 8];
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(value));
  return Buffer.concat([Buffer.from([code]), number.subarray(8 - bytes)]);
}

function packText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const { length } = bytes;
  if (length < 32) return Buffer.concat([Buffer.from([0xa0 | length]), bytes]);
  if (length < 0x100) return Buffer.concat([Buffer.from([0xd9, length]), bytes]);
  return Buffer.concat([Buffer.from([0xda, length >> 8, length & 0xff]), bytes]);
}

function packLength(length: number, short: number, long: number): Buffer {
  if (length < 16) return Buffer.from([short | length]);
  return Buffer.from([long, length >> 8, length & 0xff]);
}
