import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CLOCK_AHEAD_MAX_MS,
  clockAfter,
  clockDevice,
  clockTime,
  effectiveClock,
  formatClock,
  parseClock,
  type ClockParts,
} from '../../../src/shared/base/hybrid-clock.ts';

const DEVICE = '00000000-0000-4000-8000-00000000000a';
const time = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) });
const parts: fc.Arbitrary<ClockParts> = fc.record({
  time,
  counter: fc.integer({ min: 0, max: 9999 }),
  device: fc.uuid(),
});

const compareParts = (a: ClockParts, b: ClockParts): number =>
  a.time - b.time || a.counter - b.counter || (a.device < b.device ? -1 : a.device > b.device ? 1 : 0);

describe('a hybrid clock as text', () => {
  test('orders like its parts', () => {
    fc.assert(
      fc.property(parts, parts, fc.boolean(), (a, b, sameTime) => {
        const other = sameTime ? { ...b, time: a.time } : b;
        const [left, right] = [formatClock(a), formatClock(other)];
        const byText = left < right ? -1 : left > right ? 1 : 0;
        expect(byText).toBe(Math.sign(compareParts(a, other)));
      }),
    );
  });

  test('is parsed back to its parts', () => {
    fc.assert(
      fc.property(parts, (a) => {
        expect(parseClock(formatClock(a))).toEqual(a);
        expect(clockDevice(formatClock(a))).toBe(a.device);
        expect(clockTime(formatClock(a))).toBe(new Date(a.time).toISOString());
      }),
    );
  });

  test('carries a counter past 9999 into the next millisecond', () => {
    const last = `2026-11-22T10:00:00.999Z-9999-${DEVICE}`;
    expect(clockAfter(last, DEVICE)).toBe(`2026-11-22T10:00:01.000Z-0000-${DEVICE}`);
    expect(clockAfter(last, DEVICE) > last).toBe(true);
  });

  test.each([
    ['an empty text', ''],
    ['a day that does not exist', `2026-02-31T10:00:00.000Z-0000-${DEVICE}`],
    ['a 29 February of a year without', `2027-02-29T10:00:00.000Z-0000-${DEVICE}`],
    ['an hour 24', `2026-11-22T24:00:00.000Z-0000-${DEVICE}`],
    ['a minute 60', `2026-11-22T10:60:00.000Z-0000-${DEVICE}`],
    ['a month 13', `2026-13-01T10:00:00.000Z-0000-${DEVICE}`],
    ['the year 0', `0000-01-01T10:00:00.000Z-0000-${DEVICE}`],
    ['no milliseconds', `2026-11-22T10:00:00Z-0000-${DEVICE}`],
    ['a counter of five digits', `2026-11-22T10:00:00.000Z-00000-${DEVICE}`],
    ['a device in capitals', `2026-11-22T10:00:00.000Z-0000-${DEVICE.toUpperCase()}`],
    ['a line feed behind', `2026-11-22T10:00:00.000Z-0000-${DEVICE}\n`],
  ])('is refused with %s', (_what, text) => {
    expect(parseClock(text)).toBeUndefined();
  });

  test('takes the last day of a leap February', () => {
    expect(parseClock(`2028-02-29T23:59:59.999Z-0000-${DEVICE}`)).toBeDefined();
  });
});

describe('an effective clock', () => {
  const received = Date.UTC(2026, 10, 22, 10);

  test('is what the device said, up to a minute ahead of the reception', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: CLOCK_AHEAD_MAX_MS }), (ahead) => {
        const at = formatClock({ time: received + ahead, counter: 3, device: DEVICE });
        expect(effectiveClock(at, received, undefined)).toBe(at);
      }),
    );
  });

  test('is never later than that minute for a clock from the future', () => {
    const at = `2999-01-01T00:00:00.000Z-0005-${DEVICE}`;
    expect(effectiveClock(at, received, undefined)).toBe(`2026-11-22T10:01:00.000Z-0000-${DEVICE}`);
  });

  test("keeps the order of a device's own events, however far ahead its clock runs", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100_000, max: 1e9 }), { minLength: 2, maxLength: 40 }), (offsets) => {
        const clocks: string[] = [];
        for (const offset of offsets.toSorted((a, b) => a - b)) {
          const at = formatClock({ time: received + offset, counter: 0, device: DEVICE });
          clocks.push(effectiveClock(at, received, clocks.at(-1)));
        }
        expect(clocks.toSorted()).toEqual(clocks);
        // Different times stay different clocks: a clamped one counts up.
        expect(new Set(clocks).size).toBeGreaterThanOrEqual(new Set(offsets).size);
      }),
    );
  });
});
