import type { Uuid } from '../../shared/base/ids.ts';
import type { StreamSnapshot } from '../log/read-streams.ts';

/** Snapshots kept a process, about 2 KB each. */
const HOT_STREAMS_MAX = 20_000;

/**
 * The streams that were written or read last, so that most appends are exactly one statement. Entries may be outdated by
 * another server: the append compares the version of everything a decision read, so a stale entry costs a second round,
 * never a wrong answer.
 */
export interface HotStreams {
  readonly find: (workspaceId: Uuid, streamId: Uuid) => StreamSnapshot | undefined;
  readonly keep: (workspaceId: Uuid, snapshot: StreamSnapshot) => void;
  readonly forget: (workspaceId: Uuid, streamId: Uuid) => void;
}

export const createHotStreams = (max = HOT_STREAMS_MAX): HotStreams => {
  // A Map iterates in the order of insertion, so the first key is the least recently used.
  const snapshots = new Map<string, StreamSnapshot>();
  const keep = (workspaceId: Uuid, snapshot: StreamSnapshot): void => {
    const key = workspaceId + snapshot.id;
    snapshots.delete(key);
    snapshots.set(key, snapshot);
    if (snapshots.size > max) snapshots.delete(snapshots.keys().next().value as string);
  };
  return {
    keep,
    find: (workspaceId, streamId) => {
      const snapshot = snapshots.get(workspaceId + streamId);
      if (snapshot !== undefined) keep(workspaceId, snapshot);
      return snapshot;
    },
    forget: (workspaceId, streamId) => void snapshots.delete(workspaceId + streamId),
  };
};
