import pg from 'pg';
import { ValueRefused } from '../database/binary/value.ts';

/** SQLSTATE classes that blame the values of a row: data, cardinality, constraint, limits. */
const CLASSES: ReadonlySet<string> = new Set(['21', '22', '23', '54']);

/** Whether a table cannot hold a row, by PostgreSQL's word or our own, which no repetition mends. */
export const isRefusal = (error: unknown): error is ValueRefused | pg.DatabaseError =>
  (error instanceof pg.DatabaseError || error instanceof ValueRefused) && CLASSES.has(error.code?.slice(0, 2) ?? '');
