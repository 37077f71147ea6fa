import type { Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Directory } from './directory.ts';
import { createKnownDirectories, readAccessPosition, type Known } from './known-directories.ts';
import type { Principal } from './principal.ts';
import type { Statements, WorkspacePool } from '../database/workspace-pool.ts';
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
  readonly at: (client: Statements, principal: Principal, position: number) => Promise<Judged>;
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

/** Rights kept a directory; a set has a hundred ids or so. */
const RIGHTS_MAX = 5000;
/** Times that a read is tried again because rights changed meanwhile; more than one is rare. */
const READS_MAX = 10;

/** @param now milliseconds since the epoch */
export const createAccess = (pool: WorkspacePool, now: () => number = Date.now): Access => {
  const known = createKnownDirectories<Judged>();

  const judge = ({ directory, rights }: Known<Judged>, principal: Principal): Judged => {
    const { userId, deviceId, role } = principal;
    const key = `${userId}${role}${deviceId}`;
    const found = rights.get(key);
    if (found !== undefined && now() < found.untilMs) return found;
    if (rights.size >= RIGHTS_MAX) rights.clear();
    const judged = { ...rightsOf(directory, principal, now()), position: directory.position };
    rights.set(key, judged);
    return judged;
  };

  const current: Access['current'] = async (workspaceId) => {
    const entry = known.fresh(workspaceId) ?? (await known.load(pool.for(workspaceId), workspaceId, Infinity));
    return (principal) => judge(entry, principal);
  };

  return {
    heard: known.heard,
    current,
    at: async (client, principal, position) => {
      const { workspaceId } = principal;
      return judge(known.at(workspaceId, position) ?? (await known.load(client, workspaceId, position)), principal);
    },
    known: (principal) => {
      const entry = known.fresh(principal.workspaceId);
      return entry === undefined ? undefined : judge(entry, principal);
    },
    read: async (principal, work) => {
      const { workspaceId } = principal;
      for (let tries = 1; ; tries += 1) {
        const rights = (await current(workspaceId))(principal);
        const [outcome] = await Promise.allSettled([work({ ...principal, rights })]);
        const position = await readAccessPosition(pool.for(workspaceId), workspaceId);
        known.heard(workspaceId, position);
        if (position === rights.position && now() < rights.untilMs) {
          if (outcome.status === 'rejected') throw outcome.reason;
          return outcome.value;
        }
        if (tries === READS_MAX) throw new Problem('overloaded', 'rights keep changing: send the request again');
      }
    },
    directories: known.all,
  };
};
