import { once } from 'node:events';
import fc from 'fast-check';
import { from as copyFrom } from 'pg-copy-streams';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Row, Table } from '../../../projections/projection.ts';
import { beginRows, endRows, keyOfRow, rowWriter } from '../../../src/server/projector/binary-rows.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { idOf } from './log-rows.ts';

const column = (type: string) => ({ type, comment: '' });
const table: Table = {
  name: 'every_type',
  comment: '',
  columns: {
    id: column('uuid not null'),
    whole: column('integer'),
    large: column('bigint'),
    yes: column('boolean'),
    words: column('text'),
    data: column('json'),
    ids: column('uuid[]'),
    at: column('timestamptz'),
    day: column('date'),
    exact: column('numeric(24, 4)'),
  },
  primaryKey: ['id'],
  indexes: [],
};
const WORKSPACE = idOf('a workspace');
const names = Object.keys(table.columns);

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
  const columns = Object.entries(table.columns).map(([name, { type }]) => `${name} ${type}`);
  await test.database.projector.query(
    `create table read_model.every_type (workspace_id uuid not null, ${columns.join(', ')})`,
  );
});
afterAll(() => test[Symbol.asyncDispose]());

const store = async (rows: readonly Row[]): Promise<void> => {
  const write = rowWriter(table);
  const out = beginRows(32);
  for (const row of rows) write(out, WORKSPACE, row);
  const client = await test.database.projector.connect();
  try {
    const target = client.query(
      copyFrom(`copy read_model.every_type (workspace_id, ${names.join(', ')}) from stdin (format binary)`),
    );
    target.end(endRows(out));
    await once(target, 'finish');
  } finally {
    client.release();
  }
};

const stored = async (): Promise<Row[]> =>
  (
    await test.database.projector.query<Row>(
      `select ${names.join(', ').replace('ids', 'array_to_json(ids) as ids')} from read_model.every_type order by id`,
    )
  ).rows;

const time = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const row = fc.record({
  id: fc.uuid(),
  whole: maybe(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  large: maybe(fc.maxSafeInteger()),
  yes: maybe(fc.boolean()),
  words: maybe(fc.string({ unit: 'grapheme', maxLength: 80 }).map((text) => text.replaceAll('\0', ''))),
  data: maybe(fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), fc.string())),
  ids: maybe(fc.array(fc.uuid(), { maxLength: 3 })),
  at: maybe(time.map((date) => date.toISOString())),
  day: maybe(time.map((date) => date.toISOString().slice(0, 10))),
  exact: maybe(
    fc
      .tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }), fc.nat(9999))
      .map(([sign, whole, part]) => `${sign}${whole}.${String(part).padStart(4, '0')}`),
  ),
});

it('PostgreSQL reads every value as it was written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
      await test.database.projector.query('truncate read_model.every_type');
      await store(rows);
      const expected = rows
        .toSorted((one, other) => (one.id < other.id ? -1 : 1))
        .map((each) => ({
          ...each,
          data: each.data === null ? null : JSON.stringify(each.data),
          ids: each.ids === null ? null : JSON.stringify(each.ids),
          exact: each.exact === '-0.0000' ? '0.0000' : each.exact,
        }));
      expect(await stored()).toEqual(expected);
    }),
    { seed: 20261125, numRuns: 60 },
  );
});

it('takes times and amounts of money in their other forms', async () => {
  await test.database.projector.query('truncate read_model.every_type');
  await store([{ id: idOf('a row'), at: '2026-11-22T10:00:00.5Z', exact: '7', large: '12' }]);
  expect(await stored()).toMatchObject([{ at: '2026-11-22T10:00:00.500Z', exact: '7.0000', large: 12 }]);
});

it.each([
  ['whole', 1.5],
  ['whole', 2 ** 31],
  ['large', 2 ** 53],
  ['words', 7],
  ['ids', ['no id']],
  ['at', 'yesterday'],
  ['day', '2026-13-01'],
  ['exact', 'much'],
])('refuses in %s what PostgreSQL has no such value for: %s', async (name, value) => {
  const write = rowWriter(table);
  const out = beginRows(64);
  const { size } = out;
  expect(() => write(out, WORKSPACE, { id: idOf('a row'), [name]: value })).toThrow(new RegExp(`^${name}: .* is no `));
  expect(out.size).toBe(size);
});

it('refuses columns of a type that it does not know', () => {
  expect(() => rowWriter({ ...table, columns: { id: column('uuid'), where: column('point') } })).toThrow(
    'values of type point cannot be written',
  );
});

it('finds whose the nth row is', () => {
  const write = rowWriter(table);
  const out = beginRows(64);
  for (const name of ['first', 'second', 'third']) write(out, WORKSPACE, { id: idOf(name), words: name, ids: [] });
  const rows = endRows(out);
  expect(keyOfRow(rows, 2)).toEqual([WORKSPACE, idOf('second')]);
  expect(keyOfRow(rows, 3)).toEqual([WORKSPACE, idOf('third')]);
  expect(keyOfRow(rows, 4)).toBeUndefined();
});
