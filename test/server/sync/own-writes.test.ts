import { expect, test } from 'vitest';
import { createOwnWrites } from '../../../src/server/sync/own-writes.ts';
import type { PushResult } from '../../../src/shared/contract/sync.ts';

const accepted = (position: number): PushResult => ({
  id: `0197${String(position).padStart(4, '0')}-0000-7000-8000-000000000000`,
  status: 'accepted',
  position,
  version: 1,
  clock: '2026-11-22T10:00:00.000Z-0000-00000000-0000-0000-0000-000000000000',
});
const refused: PushResult = { id: null, status: 'rejected', code: 'invalid', message: 'no' };

test('the newest position of a user is remembered, whatever order answers come in', () => {
  const own = createOwnWrites();
  own.note('ada', [accepted(3), refused, accepted(7)]);
  own.note('ada', [accepted(5)]);
  expect(own.newestOf('ada')).toBe(7);
  expect(own.newestOf('bob')).toBe(0);
});

test('a user whose events were all refused waits for nothing', () => {
  const own = createOwnWrites();
  own.note('ada', [refused]);
  expect(own.newestOf('ada')).toBe(0);
});

test('beyond ten thousand users the one who wrote longest ago is forgotten', () => {
  const own = createOwnWrites();
  for (let user = 0; user < 10_000; user += 1) own.note(`user ${user}`, [accepted(1)]);
  own.note('user 0', [accepted(2)]);
  own.note('one more', [accepted(3)]);
  expect(own.newestOf('user 0')).toBe(2);
  expect(own.newestOf('user 1')).toBe(0);
  expect(own.newestOf('one more')).toBe(3);
});
