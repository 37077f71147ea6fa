import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSince } from '../../../src/server/log/read-since.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { appendRows, idOf, randomLog } from '../projector/log-rows.ts';

const WORKSPACE = idOf('a workspace');
let test: TestDatabase;
let head: number;
/** The JSON of each event, read alone. */
const ops: string[] = [];

const read = (after: number, limit: number, bytes: number) =>
  readSince(test.database.log.for(WORKSPACE), WORKSPACE, { after, limit, bytes });

beforeAll(async () => {
  test = await openTestDatabase();
  const notes = (length: number) => ({ notes: 'é'.repeat(length) });
  const log = randomLog(40, 71).map((event, index) =>
    index % 9 === 0 ? { ...event, data: { ...event.data, ...notes(index * 7) } } : event,
  );
  head = await appendRows(test.database.owner, WORKSPACE, log);
  for (let after = 0; after < head; after += 1) ops.push(...(await read(after, 1, 1)).ops);
});
afterAll(() => test[Symbol.asyncDispose]());

it('fills a page with as many events as fit, one at least, wherever it begins', async () => {
  expect(ops).toHaveLength(head);
  const page = fc.record({ after: fc.nat(head), limit: fc.integer({ min: 1, max: 80 }), bytes: fc.nat(60_000) });
  await fc.assert(
    fc.asyncProperty(page, async ({ after, limit, bytes }) => {
      let room = bytes;
      const rest = ops.slice(after, after + limit);
      const end = rest.findIndex((op, index) => (room -= Buffer.byteLength(op)) < 0 && index > 0);
      const expected = end < 0 ? rest : rest.slice(0, end);
      const found = await read(after, limit, bytes);
      expect(found.ops.join(',')).toBe(expected.join(','));
      expect(found).toMatchObject({ head, position: after + expected.length });
      const last = expected.at(-1);
      if (last !== undefined) expect(JSON.parse(last)).toMatchObject({ id: found.id, position: found.position });
    }),
    { seed: 20261125, numRuns: 150 },
  );
});

it('answers with JSON of every event in its place', () => {
  expect(ops.map((op) => (JSON.parse(op) as { position: number }).position)).toEqual(ops.map((_, index) => index + 1));
});

it('tells the event at its beginning, to compare with what a client was told', async () => {
  const { fingerprint } = await read(7, 1, 1);
  expect(fingerprint).toBe((JSON.parse(ops[6] as string) as { id: string }).id);
  expect((await read(0, 1, 1)).fingerprint).toBeUndefined();
  expect((await read(head + 5, 1, 1)).fingerprint).toBeUndefined();
});
