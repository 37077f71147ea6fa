import { expect, test } from 'vitest';
import { newId } from '../../src/client/random.ts';
import { isUuid } from '../../src/shared/base/ids.ts';

const NOW = Date.UTC(2126, 0, 1);

test('ids are UUIDs of version 7 that tell when they were made', () => {
  const id = newId(NOW);
  expect(isUuid(id)).toBe(true);
  expect(id).toMatch(/^.{14}7.{4}[89ab]/);
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(NOW);
});

test('ids sort as they were made: in one millisecond, and when the clock steps back', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => newId(NOW - (index % 3)));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});
