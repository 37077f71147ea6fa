import { WAYS, type Measured } from './measure.ts';

const verdictOf = ({ p95, way, refusal }: Measured): string => {
  if (refusal !== undefined) return 'refused';
  const { bar, goal } = WAYS[way];
  return p95 < goal ? 'goal reached' : p95 < bar ? 'bar reached' : 'MISSED';
};

export const isMissed = (row: Measured): boolean => verdictOf(row) === 'MISSED';

const ms = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(0)).padStart(6);

/** One line a metric and way, milliseconds; what was refused is told below. */
export const describeMetrics = (rows: readonly Measured[]): string => {
  const lines = rows.map((row) => {
    const { bar, goal } = WAYS[row.way];
    const limits = `bar ${bar}, goal ${goal}`.padEnd(20);
    return `${row.metric.padEnd(16)} ${row.way.padEnd(22)} ${ms(row.p50)} ${ms(row.p95)}  ${limits} ${verdictOf(row)}`;
  });
  const refusals = new Set(rows.flatMap(({ refusal }) => refusal ?? []));
  return [`${''.padEnd(39)}    p50    p95`, ...lines, ...[...refusals].map((text) => `- ${text}`)].join('\n');
};
