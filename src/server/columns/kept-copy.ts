import type { Statements } from '../database/workspace-pool.ts';
import { type CopyParts, refreshCopy } from './copy.ts';
import { dropDatabase, type Engine, type Session } from './engine.ts';
import { type Mark, readMark } from './mark.ts';

/** A workspace's copy, for as long as it is kept. */
export interface KeptCopy {
  /** True once everything that was committed at the call is in the copy; false: it cannot follow, and must be made anew. */
  follow(): Promise<boolean>;
  ask<Row>(text: string, values: readonly unknown[]): Promise<Row[]>;
  /** Nobody has asked since this time, in milliseconds, and nobody is asking. */
  isIdleSince(time: number): boolean;
  /** Frees its memory as soon as the last question is answered. */
  drop(): Promise<void>;
}

export interface KeptParts {
  readonly engine: Engine;
  readonly name: string;
  readonly copy: CopyParts;
  /** Of the rows that it was made with. */
  readonly mark: Mark;
  /** For the mark; not the connections that rows are copied over. */
  readonly statements: Statements;
  readonly now: () => number;
}

const QUERY_TIMEOUT_MS = 30_000;
/** Sessions kept open; questions share DuckDB's threads, however many there are. */
const SESSIONS_MAX = 4;

export const keepCopy = ({ engine, name, copy, mark, statements, now }: KeptParts): KeptCopy => {
  const sessions: Session[] = [];
  const asking = new Set<Promise<unknown>>();
  let current = mark;
  let refreshing: Promise<boolean> | undefined;
  let usedAt = now();

  const refresh = async (): Promise<boolean> => {
    const next = await refreshCopy(copy, current);
    current = next ?? current;
    return next !== undefined;
  };

  const openSession = async (): Promise<Session> => {
    const session = await engine.connect();
    await session.run(`use ${name}`);
    return session;
  };

  const answer = async <Row>(text: string, values: readonly unknown[]): Promise<Row[]> => {
    const session = sessions.pop() ?? (await openSession());
    try {
      return await session.query<Row>(text, values, QUERY_TIMEOUT_MS);
    } finally {
      usedAt = now();
      if (sessions.length < SESSIONS_MAX) sessions.push(session);
      else session.close();
    }
  };

  return {
    follow: async () => {
      for (;;) {
        const { text } = await readMark(statements, copy.workspaceId);
        if (text === current.text) return true;
        if (refreshing === undefined) {
          refreshing = refresh().finally(() => (refreshing = undefined));
          return refreshing;
        }
        // It began before the mark was read, and may have missed what that tells of.
        if (!(await refreshing)) return false;
      }
    },
    ask: async <Row>(text: string, values: readonly unknown[]) => {
      const asked = answer<Row>(text, values);
      asking.add(asked);
      return asked.finally(() => asking.delete(asked));
    },
    isIdleSince: (time) => asking.size === 0 && refreshing === undefined && usedAt <= time,
    drop: async () => {
      await Promise.allSettled([...asking, refreshing]);
      for (const session of sessions.splice(0)) session.close();
      await dropDatabase(copy.session, name);
    },
  };
};
