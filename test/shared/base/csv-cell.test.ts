import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvCell, readGuarded } from '../../../src/shared/base/csv-cell.ts';

const unquoted = (cell: string): string => cell.slice(1, -1).replaceAll('""', '"');

test.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '＝1',
  '＋1',
  '－1',
  '＠A',
  ' =1',
  '";=1',
  "'=1",
  ';=1',
  '\0=1',
])('%j is shown as text by every spreadsheet', (text) => {
  expect(unquoted(csvCell(text))).toBe(`'${text}`);
  expect(readGuarded(`'${text}`)).toBe(text);
});

test.each(['Grace', "O'Hara", '1-2', 'a=b', '', "'quoted'", '"quoted"', 'line\nbreak'])('%j stays as it is', (text) => {
  expect(unquoted(csvCell(text))).toBe(text);
});

test('every text is read back as it was', () => {
  const risky = fc.string({
    unit: fc.constantFrom("'", '"', '=', '-', '@', ' ', ';', '\t', '\r', '\n', '＝', 'a', ','),
  });
  fc.assert(
    fc.property(fc.oneof(risky, fc.string({ unit: 'binary' })), (text) => {
      expect(readGuarded(unquoted(csvCell(text)))).toBe(text);
    }),
    { numRuns: 2000 },
  );
});
