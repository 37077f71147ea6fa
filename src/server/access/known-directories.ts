import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';
import { readDirectory, type Directory } from './directory.ts';

/** Workspaces whose directory is kept, each some 100 bytes a user, membership and share. */
const WORKSPACES_MAX = 1000;

/** A directory, and the rights that were made from it so far. */
export interface Known<Rights> {
  readonly directory: Directory;
  readonly rights: Map<string, Rights>;
}

/** The directories that this process has read. Each counts only while its workspace's access position stands still. */
export interface KnownDirectories<Rights> {
  /** Undefined where there is none, or it is known to be outdated. */
  readonly fresh: (workspaceId: Uuid) => Known<Rights> | undefined;
  /** The one of this access position. */
  readonly at: (workspaceId: Uuid, position: number) => Known<Rights> | undefined;
  /** Reads it as of the client's moment, at which the access position is at most `upTo`. */
  readonly load: (client: Statements, workspaceId: Uuid, upTo: number) => Promise<Known<Rights>>;
  /** The access position is at least this. */
  readonly heard: (workspaceId: Uuid, position: number) => void;
  readonly all: () => ReadonlyMap<Uuid, Directory>;
}

/** The position of the newest event that changed anybody's rights. */
export const readAccessPosition = async (client: Statements, workspaceId: Uuid): Promise<number> => {
  const { rows } = await client.query<{ access: number }>(
    'select access_position as access from workspace where workspace_id = $1',
    [workspaceId],
  );
  return rows[0]?.access ?? 0;
};

export const createKnownDirectories = <Rights>(): KnownDirectories<Rights> => {
  const kept = new Map<Uuid, Known<Rights>>();
  const newest = new Map<Uuid, number>();

  const keep = (workspaceId: Uuid, directory: Directory): Known<Rights> => {
    const entry = { directory, rights: new Map<string, Rights>() };
    // A transaction that began long ago may read an older one.
    if (directory.position < (kept.get(workspaceId)?.directory.position ?? 0)) return entry;
    kept.delete(workspaceId);
    kept.set(workspaceId, entry);
    const [oldest] = kept.keys();
    if (kept.size > WORKSPACES_MAX && oldest !== undefined) kept.delete(oldest);
    return entry;
  };

  return {
    fresh: (workspaceId) => {
      const entry = kept.get(workspaceId);
      return entry === undefined || entry.directory.position < (newest.get(workspaceId) ?? 0) ? undefined : entry;
    },
    at: (workspaceId, position) => {
      const entry = kept.get(workspaceId);
      return entry?.directory.position === position ? entry : undefined;
    },
    load: async (client, workspaceId, upTo) => {
      const before = kept.get(workspaceId)?.directory;
      const base = before !== undefined && before.position <= upTo ? before : undefined;
      return keep(workspaceId, await readDirectory(client, workspaceId, base));
    },
    heard: (workspaceId, position) => {
      if (kept.has(workspaceId)) newest.set(workspaceId, Math.max(position, newest.get(workspaceId) ?? 0));
      else newest.delete(workspaceId);
    },
    all: () => new Map([...kept].map(([id, { directory }]) => [id, directory])),
  };
};
