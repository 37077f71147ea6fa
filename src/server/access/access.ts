import type { Pool, PoolClient } from 'pg';
import type { Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import { readDirectory, type Directory } from './directory.ts';
import type { Principal } from './principal.ts';
import { rightsOf, type Rights } from './rights.ts';

/** Rights, and the access position that they hold at. */
export interface Judged extends Rights {
  readonly position: number;
}

/** Somebody who reads, and what he may see. */
export interface Viewer extends Principal {
  readonly rights: Judged;
}

/** Who may see and do what: rights are judged by what the log holds at the moment of serving. */
export interface Access {
  /** As of the moment that the client's transaction sees, at which the access position is this. */
  readonly at: (client: PoolClient, principal: Principal, position: number) => Promise<Judged>;
  /** As far as this process has heard, without asking; whoever uses them compares the position in the same statement. */
  readonly known: (principal: Principal) => Judged | undefined;
  /** As far as this process has heard, asking where it has heard nothing yet. */
  readonly current: (workspaceId: Uuid) => Promise<(principal: Principal) => Judged>;
  /** The workspace's access position is at least this. */
  readonly heard: (workspaceId: Uuid, position: number) => void;
  /** Reads with rights that held all the while; `work` may be called again, and what it throws counts like an answer. */
  readonly read: <T>(principal: Principal, work: (viewer: Viewer) => Promise<T>) => Promise<T>;
  /** What this process knows of every workspace that somebody uses. */
  readonly directories: () => ReadonlyMap<Uuid, Directory>;
}

/** Workspaces whose directory is kept, each some 100 bytes a user, membership and share. */
const WORKSPACES_MAX = 1000;
/** Rights kept a directory; a set has a hundred ids or so. */
const RIGHTS_MAX = 5000;
/** Times that a read is tried again because rights changed meanwhile; more than one is rare. */
const READS_MAX = 10;

interface Kept {
  readonly directory: Directory;
  readonly rights: Map<string, Judged>;
}

const positionOf = async (client: Pool | PoolClient, workspaceId: Uuid): Promise<number> => {
  const { rows } = await client.query<{ access: number }>(
    'select access_position as access from workspace where workspace_id = $1',
    [workspaceId],
  );
  return rows[0]?.access ?? 0;
};

/** @param now milliseconds since the epoch */
export const createAccess = (pool: Pool, now: () => number = Date.now): Access => {
  const kept = new Map<Uuid, Kept>();
  const newest = new Map<Uuid, number>();

  const keep = (workspaceId: Uuid, directory: Directory): Kept => {
    const entry = { directory, rights: new Map<string, Judged>() };
    const before = kept.get(workspaceId)?.directory.position ?? -1;
    // A transaction that began long ago may read an older one.
    if (directory.position < before) return entry;
    kept.delete(workspaceId);
    kept.set(workspaceId, entry);
    const [oldest] = kept.keys();
    if (kept.size > WORKSPACES_MAX && oldest !== undefined) kept.delete(oldest);
    return entry;
  };

  const load = async (client: Pool | PoolClient, workspaceId: Uuid, upTo: number): Promise<Kept> => {
    const before = kept.get(workspaceId)?.directory;
    const base = before !== undefined && before.position <= upTo ? before : undefined;
    return keep(workspaceId, await readDirectory(client, workspaceId, base));
  };

  const judge = ({ directory, rights }: Kept, principal: Principal): Judged => {
    const { userId, deviceId, role } = principal;
    const key = `${userId}${role}${deviceId}`;
    const found = rights.get(key);
    if (found !== undefined && now() < found.untilMs) return found;
    if (rights.size >= RIGHTS_MAX) rights.clear();
    const judged = { ...rightsOf(directory, principal, now()), position: directory.position };
    rights.set(key, judged);
    return judged;
  };

  /** Undefined where it is known to be outdated. */
  const fresh = (workspaceId: Uuid): Kept | undefined => {
    const entry = kept.get(workspaceId);
    return entry === undefined || entry.directory.position < (newest.get(workspaceId) ?? 0) ? undefined : entry;
  };

  const heard = (workspaceId: Uuid, position: number): void => {
    if (kept.has(workspaceId)) newest.set(workspaceId, Math.max(position, newest.get(workspaceId) ?? 0));
    else newest.delete(workspaceId);
  };

  const current: Access['current'] = async (workspaceId) => {
    const entry = fresh(workspaceId) ?? (await load(pool, workspaceId, Infinity));
    return (principal) => judge(entry, principal);
  };

  return {
    heard,
    current,
    at: async (client, principal, position) => {
      const { workspaceId } = principal;
      const entry = kept.get(workspaceId);
      return judge(
        entry?.directory.position === position ? entry : await load(client, workspaceId, position),
        principal,
      );
    },
    known: (principal) => {
      const entry = fresh(principal.workspaceId);
      return entry === undefined ? undefined : judge(entry, principal);
    },
    read: async (principal, work) => {
      for (let tries = 1; ; tries += 1) {
        const rights = (await current(principal.workspaceId))(principal);
        const [outcome] = await Promise.allSettled([work({ ...principal, rights })]);
        const position = await positionOf(pool, principal.workspaceId);
        heard(principal.workspaceId, position);
        if (position === rights.position && now() < rights.untilMs) {
          if (outcome.status === 'rejected') throw outcome.reason;
          return outcome.value;
        }
        if (tries === READS_MAX) throw new Problem('overloaded', 'rights keep changing: send the request again');
      }
    },
    directories: () => new Map([...kept].map(([id, { directory }]) => [id, directory])),
  };
};
