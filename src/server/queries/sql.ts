import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  type RawBuilder,
} from 'kysely';
import type { Statements } from '../database/workspace-pool.ts';

/** A piece of SQL with its values; pieces nest. */
export type Fragment = RawBuilder<unknown>;

/** What can run a statement: the connections of a workspace, or one of them. */
export type Runner = Statements;

/** What metrics ask: read models, by columns where there is a copy of them. */
export interface Models extends Runner {
  /** For what no copy has: the log, and rates to their last digit. */
  readonly postgres: Runner;
}

export const modelsOf = (runner: Runner, postgres: Runner): Models => ({
  query: (statement, values) => runner.query(statement, values),
  postgres,
});

/** Turns fragments into numbered statements and nothing else: connections stay with the pool that the caller owns. */
const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** A composed statement as PostgreSQL takes it: `$1` is the first of the values. */
export const compiled = (statement: Fragment): { readonly text: string; readonly values: readonly unknown[] } => {
  const { sql: text, parameters: values } = statement.compile(compiler);
  return { text, values };
};

/** Runs a composed statement and answers its rows. */
export const rowsOf = async <Row extends object>(runner: Runner, statement: Fragment): Promise<Row[]> => {
  const { text, values } = compiled(statement);
  const { rows } = await runner.query<Row>(text, [...values]);
  return rows;
};

/** All conditions at once; `true` where there are none. */
export const allOf = (conditions: readonly Fragment[]): Fragment =>
  conditions.length === 0 ? sql`true` : sql`(${sql.join([...conditions], sql` and `)})`;
