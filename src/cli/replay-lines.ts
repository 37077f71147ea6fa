import type { Difference, RowDifference, TableDifference } from '../server/projector/replay/diff-replay.ts';

const rowLine = ({ change, key, columns }: RowDifference): string => {
  const id = Object.values(key).join(' ');
  return `  ${change.padEnd(8)}${id}${columns.length === 0 ? '' : `  ${columns.join(', ')}`}`;
};

const tableLines = ({ table, totals, rows }: TableDifference): string[] => {
  const total = totals.added + totals.removed + totals.changed;
  const left = total - rows.length;
  return [
    `${table}: ${totals.added} added, ${totals.removed} removed, ${totals.changed} changed`,
    ...rows.map(rowLine),
    ...(left > 0 ? [`  and ${left} more (--rows)`] : []),
  ];
};

/** A difference for people. */
export const differenceLines = ({ schema, position, today, tables }: Difference): string[] => [
  `since ${schema}, position ${position}; today is position ${today}`,
  ...(tables.length === 0 ? ['nothing differs'] : tables.flatMap(tableLines)),
];
