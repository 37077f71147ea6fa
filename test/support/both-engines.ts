import { expect } from 'vitest';
import { createColumns, type Columns } from '../../src/server/columns/columns.ts';
import type { Analytics } from '../../src/server/queries/analytics/analytics.ts';
import type { Database } from '../../src/server/database/pool.ts';
import type { Statements } from '../../src/server/database/workspace-pool.ts';

const isNumeric = (value: unknown): value is string => typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);

/** Sums arrive as text with as many digits as each engine likes, percentiles with noise in their last ones. */
const told = (value: unknown): unknown => {
  if (isNumeric(value)) return Number(value);
  return typeof value === 'number' ? Number(value.toPrecision(12)) : value;
};

const plain = (row: object): string => JSON.stringify(Object.entries(row).map(([name, value]) => [name, told(value)]));

interface Engines {
  readonly columns: Statements;
  readonly postgres: Statements;
}

/** Asks DuckDB and PostgreSQL the same and fails where rows differ. */
const compared = async ({ columns, postgres }: Engines, statement: string, values: unknown[]) => {
  const [one, other] = await Promise.all([columns.query(statement, values), postgres.query(statement, values)]);
  const [rows, expected] = [one.rows.map(plain), other.rows.map(plain)];
  expect(rows.toSorted(), `of ${statement}`).toEqual(expected.toSorted());
  // Whoever rests on the order of rows finds another one.
  return { ...one, rows: one.rows.toReversed() };
};

const comparing = (engines: Engines): Statements => ({
  query: (statement, values = []) => heard(compared(engines, statement as string, values)) as never,
});

/** What goes wrong behind an answer of 500 is the only thing worth reading. */
const complain = (details: object, message: string): void =>
  void process.stderr.write(`${message}: ${String((details as { err?: unknown }).err)}\n`);

const heard = async <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    complain({ err: error }, 'both engines');
    throw error;
  });

/** Answers about a past moment are the same byte by byte, whichever engine they were asked of. */
export const askingBoth = (byColumns: Analytics, inPostgres: Analytics): Analytics => ({
  ask: async (principal, metric, filter, minPosition) => {
    const answer = await byColumns.ask(principal, metric, filter, minPosition);
    if (filter.asOf === undefined) return answer;
    const other = await inPostgres.ask(principal, metric, filter, minPosition);
    await heard(Promise.resolve().then(() => expect(JSON.stringify(answer)).toBe(JSON.stringify(other))));
    return answer;
  },
});

/** Columns that are there at once, however small the workspace, and whose every answer is compared with PostgreSQL's. */
export const bothEngines = (database: Database): Columns => {
  let waitedMs = 0;
  const columns = createColumns({
    pool: database.analytics,
    copying: database.copying,
    memoryMb: 256,
    fromEvents: 0,
    strict: true,
    now: () => Date.now() + waitedMs,
    log: { info: () => {}, warn: complain },
  });
  return {
    ...columns,
    for: async (workspaceId) => {
      const there = await columns.for(workspaceId);
      // A copy is not made again at once; nobody waits for that here.
      if (there === undefined) waitedMs += 3_600_000;
      const copy =
        there ?? (await columns.for(workspaceId), await columns.loaded(workspaceId), await columns.for(workspaceId));
      if (copy === undefined) throw new Error('there is no copy by columns');
      return comparing({ columns: copy, postgres: database.analytics.for(workspaceId) });
    },
  };
};
