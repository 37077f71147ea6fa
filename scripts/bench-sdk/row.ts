/** One line: a figure, and what it should stay below; without a bar it is for orientation. */
export interface SdkRow {
  readonly what: string;
  readonly value: number;
  readonly unit: 'ms' | 'MB' | 'KB';
  readonly bar?: number;
  readonly goal?: number;
  readonly note: string;
}

const verdictOf = ({ value, bar, goal }: SdkRow): string => {
  if (bar === undefined || goal === undefined) return '';
  return value < goal ? 'goal reached' : value < bar ? 'bar reached' : 'MISSED';
};

export const isMissed = (row: SdkRow): boolean => verdictOf(row) === 'MISSED';

const digits = (value: number): string => value.toFixed(value < 10 ? 2 : 0);

export const describeSdkRows = (rows: readonly SdkRow[]): string =>
  rows
    .map((row) => {
      const limits = row.bar === undefined ? '' : `(bar ${row.bar}, goal ${row.goal}) `;
      return `${row.what.padEnd(48)} ${`${digits(row.value)} ${row.unit}`.padStart(10)}  ${limits}${verdictOf(row)}\n    ${row.note}`;
    })
    .join('\n');
