import { parse } from 'csv-parse/sync';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readGuarded } from '../../../src/shared/base/csv-cell.ts';
import { NAUGHTY_STRINGS } from '../../support/naughty-strings.ts';
import { openRest, type Json, type RestBench } from '../../support/rest.ts';

let bench: RestBench;
/** By the id of the company that bears it. */
const named = new Map<string, string>();

beforeAll(async () => {
  bench = await openRest();
  const events = NAUGHTY_STRINGS.map((name, at) => {
    const id = uuidv7();
    named.set(id, name);
    const clock = `2026-11-22T10:00:00.000Z-${String(at).padStart(4, '0')}-${bench.me.deviceId}`;
    const data = { name, address: name, customFields: { note: name } };
    return {
      id: uuidv7(),
      type: 'CompanyCreated',
      schemaVersion: 1,
      stream: { type: 'company', id },
      basedOn: 0,
      at: clock,
      data,
    };
  });
  const { results } = await bench.ok(200, 'POST', '/api/sync', { protocol: 1, events });
  const refused = (results as Json[]).flatMap(({ status, message }, at) =>
    status === 'accepted' ? [] : [`${JSON.stringify(NAUGHTY_STRINGS[at])}: ${message}`],
  );
  // Blank names are nobody's, whatever kind of blank.
  expect(refused.filter((line) => !/name/.test(line))).toEqual([]);
  refusedNames = refused;
  await bench.projector.idle();
});
let refusedNames: string[] = [];
afterAll(() => bench[Symbol.asyncDispose]());

const bytesOf = (text: unknown): string => Buffer.from(String(text)).toString('hex');
const difference = (found: ReadonlyMap<string, unknown>): string[] =>
  [...named].flatMap(([id, name]) =>
    !found.has(id) || bytesOf(found.get(id)) === bytesOf(name) ? [] : [JSON.stringify([name, found.get(id)])],
  );

test('nearly all of them are good names', () => {
  expect(NAUGHTY_STRINGS.length).toBeGreaterThan(280);
  expect(refusedNames.length).toBeLessThan(12);
});

test('a pull brings back the very bytes that were pushed, as states and as events', async () => {
  const states = new Map<string, unknown>();
  for (let cursor: string | null = null, isDone = false; !isDone;) {
    const page = await bench.ok(200, 'POST', '/api/sync', { protocol: 1, cursor, limit: 200 });
    for (const { op, stream, state } of page['ops'] as Json[]) if (op === 'enter') states.set(stream.id, state.name);
    [cursor, isDone] = [page['cursor'] as string, page['upToDate'] === true];
  }
  expect(difference(states)).toEqual([]);
  const events = new Map<string, unknown>();
  for (let cursor: string | null = null, isDone = false; !isDone;) {
    const page = await bench.ok(200, 'POST', '/api/sync', { protocol: 1, cursor, mode: 'events', limit: 200 });
    for (const { op, stream, data } of page['ops'] as Json[])
      if (op === 'event') events.set(stream.id, data.customFields?.note);
    [cursor, isDone] = [page['cursor'] as string, page['upToDate'] === true];
  }
  const accepted = [...named.keys()].filter((id) => states.has(id));
  expect(accepted.length).toBe(NAUGHTY_STRINGS.length - refusedNames.length);
  expect(accepted.filter((id) => !events.has(id))).toEqual([]);
  expect(difference(events)).toEqual([]);
});

test('lists and single records show them unchanged', async () => {
  const listed = new Map<string, unknown>();
  for (let after = '', isDone = false; !isDone;) {
    const { items, next } = await bench.ok(200, 'GET', `/api/companies?limit=100${after}`);
    for (const { id, name } of items as Json[]) listed.set(id, name);
    [after, isDone] = [`&after=${encodeURIComponent(String(next))}`, next === null];
  }
  expect(listed.size).toBe(NAUGHTY_STRINGS.length - refusedNames.length);
  expect(difference(listed)).toEqual([]);
});

test('exports hold them byte by byte, in JSON lines and in CSV', async () => {
  const { payload } = await bench.call('GET', '/api/exports/companies.ndjson');
  const records = payload
    .split('\n')
    .slice(0, -2)
    .map((line) => JSON.parse(line) as Json);
  expect(records.length).toBe(NAUGHTY_STRINGS.length - refusedNames.length);
  expect(difference(new Map(records.map(({ id, name }) => [id as string, name])))).toEqual([]);
  expect(difference(new Map(records.map(({ id, address }) => [id as string, address])))).toEqual([]);
  const csv = await bench.call('GET', '/api/exports/companies.csv');
  const [head = [], ...rows] = parse(csv.payload, { relax_column_count: true });
  const at = (column: string) => head.indexOf(column);
  const cells = rows.slice(0, -1).map((row) => [row[at('id')] ?? '', readGuarded(row[at('name')] ?? '')] as const);
  expect(cells.length).toBe(records.length);
  expect(difference(new Map(cells))).toEqual([]);
});

test('a search finds each by itself', async () => {
  const lost: string[] = [];
  for (const [id, name] of [...named].filter((_, at) => at % 7 === 0)) {
    if (name.trim() === '' || name.length > 100) continue;
    const answer = await bench.call('GET', `/api/companies?limit=200&q=${encodeURIComponent(name)}`);
    const found =
      answer.statusCode === 200 && (answer.json<Json>()['items'] as Json[]).some((item) => item['id'] === id);
    if (!found) lost.push(`${JSON.stringify(name)}: ${answer.statusCode}`);
  }
  expect(lost).toEqual([]);
});
