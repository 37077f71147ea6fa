import { constants, deflateRawSync, gunzipSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deflate } from '../../src/client/deflate/deflate.ts';
import { gzip } from '../../src/client/deflate/gzip.ts';
import { inflate } from '../../src/client/deflate/inflate.ts';

const noise = fc.uint8Array({ maxLength: 400 });
// Few kinds of bytes repeat; what repeats from far away lies behind the window and in another block.
const poor = fc.array(fc.constantFrom(0, 1, 255), { maxLength: 3000 }).map((bytes) => Uint8Array.from(bytes));
const json = fc.json({ maxDepth: 6 }).map((text) => new TextEncoder().encode(text));
const repeated = fc
  .tuple(fc.oneof(noise, poor, json), fc.integer({ min: 0, max: 400 }), noise)
  .map(([piece, times, rest]) => new Uint8Array([...Array.from({ length: times }, () => [...piece]).flat(), ...rest]));
const anything = fc.oneof(noise, poor, json, repeated);

const RUNS = { numRuns: 200 };

/** A page of records as the server sends them, the same at every run. */
const recordsOf = (count: number): Uint8Array => {
  let seed = 1;
  const digits = (): string => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed.toString(16).padStart(8, '0');
  };
  const uuid = (): string =>
    `${digits()}-${digits().slice(4)}-7${digits().slice(5)}-8${digits().slice(5)}-${digits()}0000`;
  const record = (n: number): object => ({
    id: uuid(),
    type: 'lead',
    state: {
      name: `Ada ${n % 17}`,
      companyName: `Company ${n % 90}`,
      status: 'new',
      note: null,
      ownerId: null,
      shares: [],
    },
    clocks: { '*': { clock: `2026-11-22T10:00:${10 + (n % 50)}.${100 + (n % 900)}Z-0001-${uuid()}`, version: 1 } },
  });
  return new TextEncoder().encode(JSON.stringify(Array.from({ length: count }, (_, n) => record(n))));
};
const page = recordsOf(400);

describe('what is packed', () => {
  test('is what zlib unpacks, and what is unpacked here', () => {
    const property = fc.property(anything, (bytes) => {
      const packed = deflate(bytes);
      expect(new Uint8Array(inflateRawSync(packed))).toEqual(bytes);
      expect(inflate(packed, bytes.length)).toEqual(bytes);
    });
    fc.assert(property, RUNS);
  });

  test('may fill many blocks and reach back over all of the window', () => {
    const random = Uint8Array.from({ length: 32_768 }, (_, i) => Math.imul(i * i + 7, 0x9e3779b1) >>> 24);
    const bytes = new Uint8Array([...random, ...random, ...random.subarray(0, 300), ...page, ...random]);
    const packed = deflate(bytes);
    expect(new Uint8Array(inflateRawSync(packed))).toEqual(bytes);
    expect(inflate(packed, bytes.length)).toEqual(bytes);
  });

  test('has codes of at most 15 bits, however rare a byte is', () => {
    // Each is as common as all rarer ones together, and no three in a row come twice.
    const counts = [1, 1];
    for (let i = 2; i < 20; i++) counts.push((counts[i - 1] ?? 0) + (counts[i - 2] ?? 0));
    const bytes = Uint8Array.from(counts.flatMap((count, byte) => Array.from({ length: count }, () => byte)));
    for (let i = bytes.length - 1; i > 0; i--) {
      const other = Math.imul(i + 1, 0x9e3779b1) >>> 0;
      const at = other % (i + 1);
      [bytes[i], bytes[at]] = [bytes[at] ?? 0, bytes[i] ?? 0];
    }
    expect(new Uint8Array(inflateRawSync(deflate(bytes)))).toEqual(bytes);
  });

  test('is at most a sixth larger than with zlib', () => {
    expect(deflate(page).length).toBeLessThan(deflateRawSync(page).length * (7 / 6));
  });

  test('as gzip is what gunzip unpacks, sum and length included', () => {
    fc.assert(
      fc.property(anything, (bytes) => {
        expect(new Uint8Array(gunzipSync(gzip(bytes)))).toEqual(bytes);
      }),
      RUNS,
    );
  });
});

describe('what zlib packed with codes of its own', () => {
  test.each([1, 3, 6, 9])('at level %i is unpacked', (level) => {
    expect(inflate(deflateRawSync(page, { level }), page.length)).toEqual(page);
  });

  test.each(['Z_HUFFMAN_ONLY', 'Z_RLE', 'Z_FILTERED'] as const)('with %s is unpacked', (strategy) => {
    const zeros = new Uint8Array([...page, ...new Uint8Array(5000), ...page]);
    expect(inflate(deflateRawSync(zeros, { strategy: constants[strategy] }), zeros.length)).toEqual(zeros);
  });
});

describe('what is damaged', () => {
  /** Whatever it says, it is refused or as long as it should be: it cannot run on or reach beyond. */
  const expectBounded = (packed: Uint8Array, size: number): void => {
    try {
      expect(inflate(packed, size)).toHaveLength(size);
    } catch (error) {
      expect(String(error)).toContain('not what deflate made');
    }
  };

  test('by a changed byte ends', () => {
    const property = fc.property(
      fc.oneof(json, repeated),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (bytes, at, by) => {
        const packed = deflate(bytes);
        packed[at % packed.length] = (packed[at % packed.length] ?? 0) ^ by;
        expectBounded(packed, bytes.length);
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });

  test('from the beginning ends', () => {
    // Blocks of the one kind that is read, with anything in them.
    const property = fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(500), (bytes, size) => {
      expectBounded(Uint8Array.of(0b101, ...bytes), size);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  test('by its end missing is refused', () => {
    const packed = deflate(page);
    for (let length = 0; length < packed.length - 1; length += 97) {
      expect(() => inflate(packed.subarray(0, length), page.length)).toThrow('not what deflate made');
    }
  });

  test('by another size is refused', () => {
    const packed = deflate(page);
    for (const size of [0, 1, page.length - 1, page.length + 1]) {
      expect(() => inflate(packed, size)).toThrow('not what deflate made');
    }
  });
});
