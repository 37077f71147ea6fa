import type { Uuid } from '../../shared/base/ids.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import type { AccessClaims } from './access-tokens.ts';
import { confirmSession, readLiveSession, type LiveSession } from './sessions.ts';

/** A revocation is felt within 10 s (protocol, section 1); half of that leaves room for the request in flight. */
const FRESH_MS = 5_000;
const REMEMBERED_MAX = 20_000;

interface Remembered {
  readonly readAt: number;
  /** A promise, so that many requests of one session share one read. */
  readonly session: Promise<LiveSession | undefined>;
}

export interface LiveSessions {
  /** The session that a verified token names, as it was at most 5 s ago; undefined when it is over. */
  of(claims: AccessClaims): Promise<LiveSession | undefined>;
  /** This server need not wait 5 s for what it did itself. */
  readonly forget: (sessionId: Uuid) => void;
}

const read = async (pool: WorkspacePool, claims: AccessClaims): Promise<LiveSession | undefined> => {
  const session = await readLiveSession(pool, claims);
  if (session !== undefined && session.confirmedCounter < claims.refreshCounter) {
    await confirmSession(pool, claims, claims.refreshCounter);
  }
  return session;
};

/** By session and refresh counter: a token from after a refresh must reach the database once, to confirm it. */
const keyOf = (claims: AccessClaims): string => claims.sessionId + claims.refreshCounter;

export const createLiveSessions = (pool: WorkspacePool, now: () => number): LiveSessions => {
  const remembered = new Map<string, Remembered>();

  const readAgain = (claims: AccessClaims): Promise<LiveSession | undefined> => {
    const key = keyOf(claims);
    const session = read(pool, claims);
    const [oldest] = remembered.keys();
    if (remembered.size >= REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
    remembered.delete(key);
    remembered.set(key, { readAt: now(), session });
    // A failed read is the failure of those who wait for it, and of nobody later.
    session.catch(() => remembered.delete(key));
    return session;
  };

  return {
    of: (claims) => {
      const known = remembered.get(keyOf(claims));
      return known !== undefined && now() - known.readAt < FRESH_MS ? known.session : readAgain(claims);
    },
    forget: (sessionId) => {
      for (const key of remembered.keys()) if (key.startsWith(sessionId)) remembered.delete(key);
    },
  };
};
