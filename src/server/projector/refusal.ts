import pg from 'pg';

/** SQLSTATE classes that blame the values of a row: data, cardinality, constraint, limits. */
const CLASSES: ReadonlySet<string> = new Set(['21', '22', '23', '54']);

/** Whether PostgreSQL refused what a row holds, which no repetition mends. */
export const isRefusal = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && CLASSES.has(error.code?.slice(0, 2) ?? '');
