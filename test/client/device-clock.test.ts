import { expect, test } from 'vitest';
import { createDeviceClock } from '../../src/client/device-clock.ts';
import { clockTime, formatClock } from '../../src/shared/base/hybrid-clock.ts';
import { id } from '../support/given.ts';

const PHONE = id('phone');
const HOUR = 3_600_000;
const TEN = Date.parse('2026-11-25T10:00:00.000Z');
const clockAt = (time: number, counter = 0): string => formatClock({ time, counter, device: id('other') });

test('every tick is later than the one before, even where time stands still or jumps back', () => {
  let time = TEN;
  const clock = createDeviceClock(() => time, undefined, []);
  const ticks = [clock.tick(PHONE)];
  for (const jump of [0, -HOUR, 5, -400 * 24 * HOUR, 0]) {
    time += jump;
    ticks.push(clock.tick(PHONE));
  }
  expect(ticks.toSorted()).toEqual(ticks);
  expect(new Set(ticks).size).toBe(ticks.length);
});

test('it takes the offset from the server, and keeps it over a restart', () => {
  const wrong = (): number => TEN - 730 * 24 * HOUR;
  const clock = createDeviceClock(wrong, undefined, []);
  clock.learn('2026-11-25T10:00:00.000Z', wrong() - 100, wrong() + 100);
  expect(clockTime(clock.tick(PHONE))).toBe('2026-11-25T10:00:00.000Z');
  const restarted = createDeviceClock(wrong, clock.memory(), []);
  expect(clockTime(restarted.tick(PHONE))).toBe('2026-11-25T10:00:00.000Z');
});

test('after a restart it goes on behind what waits in the outbox and what the server has seen', () => {
  const waiting = clockAt(TEN + HOUR, 7);
  const clock = createDeviceClock(() => TEN, { offsetMs: 0, seen: clockAt(TEN + 2 * HOUR, 3) }, [waiting]);
  expect(clock.tick(PHONE)).toBe(formatClock({ time: TEN + 2 * HOUR, counter: 4, device: PHONE }));
});

test('it moves on for a clock that the server has judged', () => {
  const clock = createDeviceClock(() => TEN, undefined, []);
  clock.observe(clockAt(TEN + 30_000));
  expect(clock.tick(PHONE) > clockAt(TEN + 30_000)).toBe(true);
});

test('years ahead, it comes back once nothing that it made waits for a verdict', () => {
  let time = TEN + 730 * 24 * HOUR;
  const clock = createDeviceClock(() => time, undefined, []);
  const ahead = clock.tick(PHONE);
  clock.learn('2026-11-25T10:00:00.000Z', time, time);
  // An edit behind the one that waits must stay behind it.
  expect(clock.tick(PHONE) > ahead).toBe(true);
  clock.observe(clockAt(TEN + 60_000));
  clock.settle();
  time += 1;
  expect(clock.tick(PHONE)).toBe(formatClock({ time: TEN + 60_000, counter: 1, device: PHONE }));
});

test('a device in a year that no clock can say still ticks', () => {
  const clock = createDeviceClock(() => Date.UTC(12_000, 0, 1), undefined, []);
  expect(clock.tick(PHONE)).toMatch(/^9999-01-01T/);
  expect(clock.tick(PHONE) > '9999').toBe(true);
});
