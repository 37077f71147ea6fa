import { expect, test } from 'vitest';
import { openCsv, type CsvRow, type Delimiter } from '../../../src/server/import/csv-rows.ts';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = async (content: string | Uint8Array, size = 7, delimiter: Delimiter = ',') => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const file = await openCsv(chunked(bytes, size), delimiter);
  if (!file.ok) return file.error;
  const rows: CsvRow[] = [];
  for await (const row of file.value.rows) rows.push(row);
  return { header: file.value.header, rows };
};
const shape = (result: Awaited<ReturnType<typeof read>>) =>
  typeof result === 'string'
    ? result
    : result.rows.map(({ row, cells }) =>
        cells.ok ? cells.value : `${row} ${cells.error.column ?? '-'}: ${cells.error.message}`,
      );

test('quoted cells keep delimiters, quotes and line breaks', async () => {
  expect(shape(await read('a,b\r\n"x, ""y""\nz",2\r\n'))).toEqual([['x, "y"\nz', '2']]);
});

test('a byte order mark is no part of the first column', async () => {
  const result = await read(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('"a",b\n1,2\n')]), 1);
  expect(result).toMatchObject({ header: ['a', 'b'], rows: [{ row: 1, line: 2 }] });
});

test('an inch sign in a plain cell spoils nothing', async () => {
  expect(shape(await read('a,b\n5" disk,1\n"x"y,2\nz,3\n'))).toEqual(
    [
      ['5" disk', '1'],
      ['"x"y', '2'],
      ['z', '3'],
    ].map((row, index) => (index === 1 ? [expect.stringContaining('x'), '2'] : row)),
  );
});

test('a wrong count of cells is the verdict of its row and the rest lands', async () => {
  expect(shape(await read('a,b\n1\n1,2\n1,2,3\n'))).toEqual([
    '1 -: The row has 1 cells, the header names 2 columns.',
    ['1', '2'],
    '3 -: The row has 3 cells, the header names 2 columns.',
  ]);
});

test('bytes that are not UTF-8 are the verdict of their row', async () => {
  const bytes = Buffer.concat([Buffer.from('a,b\n1,M'), Buffer.from([0xfc]), Buffer.from('ller\n2,Müller\n')]);
  expect(shape(await read(bytes))).toEqual(['1 b: The cell is not UTF-8.', ['2', 'Müller']]);
});

test('a cell of 10 MB is the verdict of its row, in little memory', async () => {
  const big = 'x'.repeat(10 * 1024 * 1024);
  for (const cell of [big, `"${big}"`, `"${'""'.repeat(5 * 1024 * 1024)}"`]) {
    const before = process.memoryUsage().heapUsed;
    expect(shape(await read(`a,b\n1,${cell}\n2,y\n`, 65_536))).toEqual([
      '1 b: The cell is longer than 64 KiB.',
      ['2', 'y'],
    ]);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
  }
});

test('a cell of exactly 64 KiB is taken', async () => {
  const cell = 'x'.repeat(65_536);
  expect(shape(await read(`a,b\n1,${cell}\n`, 4096))).toEqual([['1', cell]]);
  expect(shape(await read(`a,b\n1,"${cell}"\n`, 4096))).toEqual([['1', cell]]);
});

test('a million cells in one row are the verdict of that row', async () => {
  const result = shape(await read(`a,b\n${','.repeat(1_000_000)}\n1,2\n`, 65_536));
  expect(result).toEqual([expect.stringContaining('the header names 2 columns'), ['1', '2']]);
});

test('a quote that is never closed is the verdict of the row that opens it', async () => {
  expect(shape(await read('a,b\n1,2\n3,"4\n5,6\n'))).toEqual([
    ['1', '2'],
    expect.stringContaining('2 -: A quote is opened'),
  ]);
});

test('the header says what is wrong with the file', async () => {
  expect(await read('')).toContain('empty');
  expect(await read('a,b,a\n')).toBe('The header names the column "a" twice.');
  expect(await read('a,,b\n')).toBe('Column 2 has no name in the header.');
  expect(await read('a;b\n1;2\n')).toContain('is the delimiter ";"');
  expect(await read(Buffer.from([0xff, 0xfe, 0x61, 0x00, 0x2c, 0x00]))).toContain('not UTF-8');
  expect(shape(await read('a;b\n1;2\n', 7, ';'))).toEqual([['1', '2']]);
});

test('the guard in front changes nothing that the parser would read', async () => {
  const piece = fc.constantFrom('a', '"', '""', ',', '\n', '\r\n', 'é', '🙂', ' ');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), async (pieces, size) => {
      const text = `h,i\n${pieces.join('')}`;
      const options = {
        record_delimiter: ['\r\n', '\n'],
        relax_column_count: true,
        relax_quotes: true,
        skip_empty_lines: true,
      };
      let expected: string[][] | undefined;
      try {
        expected = parse(text, options).slice(1);
      } catch {
        expected = undefined;
      }
      const result = await read(text, size);
      if (typeof result === 'string') throw new Error(result);
      if (expected === undefined) {
        expect(result.rows.at(-1)?.cells.ok).toBe(false);
        return;
      }
      const cells = result.rows.map((row) => (row.cells.ok ? row.cells.value : 'refused'));
      expect(cells).toEqual(expected.map((row) => (row.length === 2 ? row : 'refused')));
    }),
    { seed: 42, numRuns: 500 },
  );
});
