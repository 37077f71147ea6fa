import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';
import { type CopiesParts, createCopies } from './copies.ts';
import type { KeptCopy } from './kept-copy.ts';
import { readMark } from './mark.ts';

/**
 * Read models once more, by columns and in memory: a question over all deals reads a few columns of every row, and
 * PostgreSQL has to take every row apart for it. 450,000 stays take it 100 ms to read alone, and DuckDB 10.
 */
export interface Columns {
  /**
   * Runs statements on a copy of the read models that has everything that is committed by now. Undefined where there is
   * none: for small workspaces, which need none, and until it is made.
   */
  readonly for: (workspaceId: Uuid) => Promise<Statements | undefined>;
  /** When the copy that `for` has begun to make is there, or could not be made. */
  readonly loaded: (workspaceId: Uuid) => Promise<void>;
  readonly counts: () => ColumnCounts;
  readonly close: () => Promise<void>;
}

export interface ColumnCounts {
  readonly copies: number;
  /** Statements answered by columns, and those that PostgreSQL had to answer after all. */
  readonly answered: number;
  readonly failed: number;
}

export interface ColumnsParts extends Omit<CopiesParts, 'now'> {
  /** For all workspaces together; 0: no copies. */
  readonly memoryMb: number;
  /** Workspaces with fewer events are asked in PostgreSQL, which takes no longer for them. */
  readonly fromEvents?: number;
  /** For tests: a statement that DuckDB refuses fails. */
  readonly strict?: boolean;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

const FROM_EVENTS = 20_000;

export const createColumns = (parts: ColumnsParts): Columns => {
  const { pool, memoryMb, log, fromEvents = FROM_EVENTS, strict = false, now = Date.now } = parts;
  const copies = createCopies({ ...parts, now });
  let answered = 0;
  let failed = 0;

  const statementsOf = (workspaceId: Uuid, copy: KeptCopy): Statements => ({
    query: async (statement, values = []) => {
      if (typeof statement !== 'string') throw new Error('columns know no prepared statements');
      try {
        const rows = await copy.ask<never>(statement, values);
        answered += 1;
        return { rows, rowCount: rows.length, command: 'SELECT', oid: 0, fields: [] };
      } catch (error) {
        failed += 1;
        if (strict) throw error;
        log.warn({ err: error, workspaceId }, 'columns could not answer; PostgreSQL does');
        return pool.for(workspaceId).query(statement, values);
      }
    },
  });

  const follows = (workspaceId: Uuid, copy: KeptCopy): Promise<boolean> =>
    copy.follow().catch((error: unknown) => {
      log.warn({ err: error, workspaceId }, 'a copy by columns could not follow and is made anew');
      return false;
    });

  return {
    for: async (workspaceId) => {
      if (memoryMb === 0) return undefined;
      const copy = copies.of(workspaceId);
      if (copy !== undefined && (await follows(workspaceId, copy))) return statementsOf(workspaceId, copy);
      // Its last questions may still run; nobody waits for them.
      if (copy !== undefined) void copies.drop(workspaceId, copy).catch(() => {});
      const { head } = await readMark(pool.for(workspaceId), workspaceId);
      if (head >= fromEvents) copies.make(workspaceId);
      return undefined;
    },
    loaded: copies.made,
    counts: () => ({ copies: copies.count(), answered, failed }),
    close: copies.close,
  };
};
