import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ValueRefused } from '../../../../src/server/database/binary/value.ts';
import { type RowColumns, rowArrayWriter } from '../../../../src/server/database/binary/row-array.ts';
import { openTestDatabase, type TestDatabase } from '../../../support/database.ts';

const COLUMNS: RowColumns = [
  ['of_all', 'text'],
  ['id', 'uuid'],
  ['small', 'smallint'],
  ['whole', 'integer'],
  ['words', 'text'],
  ['list', 'text[]'],
  ['data', 'json'],
  ['bytes', 'bytea'],
  ['at', 'timestamptz'],
];

let test: TestDatabase;
beforeAll(async () => {
  test = await openTestDatabase();
  const fields = COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ');
  await test.database.owner.query(`create type every_value as (${fields})`);
});
afterAll(() => test[Symbol.asyncDispose]());

const write = rowArrayWriter(COLUMNS, 'of_all');

const read = async (rows: readonly object[]) =>
  (
    await test.database.owner.query(
      `select of_all, id, small, whole, words, array_to_json(list) as list, data, bytes::text as bytes, at
         from unnest($1::every_value[])`,
      [write(rows, 'the same')],
    )
  ).rows as unknown[];

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map((some) => some.replaceAll('\0', ''));
const row = fc.record({
  id: fc.uuid(),
  small: maybe(fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })),
  whole: maybe(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  words: maybe(text),
  list: maybe(fc.array(text, { maxLength: 4 })),
  data: maybe(fc.dictionary(text, text)),
  bytes: maybe(fc.uint8Array({ maxLength: 40 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`)),
  at: maybe(fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })),
});

it('PostgreSQL reads every value as it was written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (made) => {
      const rows = made.map((each) => ({ ...each, at: each.at?.toISOString() ?? null }));
      const expected = rows.map(({ list, data, ...each }) => ({
        of_all: 'the same',
        ...each,
        list: list === null ? null : JSON.stringify(list),
        data: data === null ? null : JSON.stringify(data),
      }));
      expect(await read(rows)).toEqual(expected);
    }),
    { seed: 20261125, numRuns: 60 },
  );
});

it('no rows are an empty array', async () => {
  expect(await read([])).toEqual([]);
});

it.each([
  ['small', 2 ** 15],
  ['whole', 1.5],
  ['bytes', '\\x0g'],
  ['bytes', 'abcd'],
  ['list', 'no list'],
  ['list', [7]],
  ['at', 'yesterday'],
])('refuses in %s what PostgreSQL has no such value for: %s', (name, value) => {
  const refused = () => write([{ [name]: value }], '');
  expect(refused).toThrow(ValueRefused);
  expect(refused).toThrow(`${name}: `);
});
