import { cpus, totalmem } from 'node:os';
import type { BenchServer } from './bench-server.ts';
import type { BenchRow, Figure } from './row.ts';

const GIGABYTE = 1024 ** 3;

/** The machine, so that nobody compares figures of different ones. */
export const describeMachine = async ({ database }: BenchServer): Promise<string> => {
  const { rows } = await database.app.outside.query<{ version: string; fsync: string; commit: string }>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`,
  );
  const [cpu] = cpus();
  const postgres = rows[0];
  return [
    `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / GIGABYTE)} GB, ${process.platform}`,
    `Node ${process.version}, PostgreSQL ${postgres?.version} (fsync ${postgres?.fsync}, synchronous_commit ${postgres?.commit})`,
    'Load generator, server and PostgreSQL share these cores; each figure has its yardstick from the same run.',
  ].join('\n');
};

const number = (value: number): string => Math.round(value).toLocaleString('en');
const figure = ({ value, unit }: Figure): string => `${number(value)} ${unit}`;

const verdict = ({ bar, goal }: BenchRow, ratio: number): string =>
  ratio >= goal ? 'goal reached' : ratio >= bar ? 'bar reached' : 'MISSED';

export const ratioOf = ({ figure: { value }, yardstick }: BenchRow): number => value / yardstick.value;

/** The table, and below it what each figure is about. */
export const describeRows = (rows: readonly BenchRow[]): string => {
  const head = ['what', 'figure', 'yardstick', 'ratio', 'bar', 'goal', ''];
  const body = rows.map((row) => {
    const ratio = ratioOf(row);
    return [
      row.name,
      figure(row.figure),
      figure(row.yardstick),
      ratio.toFixed(2),
      String(row.bar),
      String(row.goal),
      verdict(row, ratio),
    ];
  });
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((cells) => (cells[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const notes = rows.map((row) => `- ${row.name}: ${row.figure.what} / ${row.yardstick.what}; ${row.notes.join('; ')}`);
  return [line(head), rule, ...body.map(line), '', ...notes].join('\n');
};
