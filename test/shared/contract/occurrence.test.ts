import { expect, test } from 'vitest';
import { occurrence } from '../../../src/shared/contract/occurrence.ts';
import { id } from '../../support/given.ts';

const clock = `2026-11-22T10:00:30.000Z-0001-${id('phone')}`;

test.each([
  ['at its clock', '2026-11-22T10:01:00.000Z', '2026-11-22T09:00:00.000Z', '2026-11-22T10:00:30.000Z'],
  ['at its clock where it creates the stream', '2026-11-22T10:01:00.000Z', undefined, '2026-11-22T10:00:30.000Z'],
  ['no later than it was recorded', '2026-11-22T10:00:00.000Z', '2026-11-22T09:00:00.000Z', '2026-11-22T10:00:00.000Z'],
  ['no earlier than its stream', '2026-11-22T10:01:00.000Z', '2026-11-22T10:00:45.000Z', '2026-11-22T10:00:45.000Z'],
])('an event occurred %s', (_when, recordedAt, createdAt, expected) => {
  expect(occurrence(clock, recordedAt, createdAt)).toBe(expected);
});
