import { afterAll, beforeAll, expect, it } from 'vitest';
import { splitStreams } from '../../../src/server/projector/stream-ranges.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { appendRows, idOf, randomLog } from './log-rows.ts';

let test: TestDatabase;
let events = 0;
beforeAll(async () => {
  test = await openTestDatabase();
  for (const name of ['first', 'second'])
    events += await appendRows(test.database.owner, idOf(name), randomLog(60, name.length));
});
afterAll(() => test[Symbol.asyncDispose]());

it('cuts the log into ranges of about as many events, that leave nothing out', async () => {
  const ranges = await splitStreams(test.database.projector, events, 50);
  expect(ranges.length).toBeGreaterThan(events / 100);
  expect(ranges[0]?.from).toBeUndefined();
  expect(ranges.at(-1)?.before).toBeUndefined();
  for (const [index, { from }] of ranges.entries()) if (index > 0) expect(from).toEqual(ranges[index - 1]?.before);
  const keys = ranges.slice(1).map(({ from }) => String(from));
  expect(keys).toEqual([...new Set(keys)].toSorted());
});

it('makes one range of an empty log', async () => {
  expect(await splitStreams(test.database.projector, 0, 50)).toEqual([{ from: undefined, before: undefined }]);
});
