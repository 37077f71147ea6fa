import type { Uuid } from '../../shared/base/ids.ts';
import type { Access, Judged } from '../access/access.ts';
import type { Principal } from '../access/principal.ts';
import { includes, type Place } from '../access/rules.ts';
import { readTouched } from '../log/read-touched.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import type { Wake } from '../log/wake.ts';

/** Tells clients that there is something to pull, and never that something happened which they cannot see. */
export interface Live {
  /** Calls `hint` after commits that change what the principal sees, losses included. Returns the way to stop. */
  readonly watch: (principal: Principal, hint: () => void) => () => void;
  readonly close: () => void;
}

export interface LiveParts {
  readonly pool: WorkspacePool;
  readonly access: Access;
  readonly wake: Pick<Wake, 'subscribe'>;
  readonly onError: (error: unknown) => void;
}

/** Without any commit: a share may end by the clock, and a notification may be lost. */
const POLL_MS = 5_000;

interface Watcher {
  readonly principal: Principal;
  readonly hint: () => void;
  /** Undefined until it was judged for the first time. */
  rights: Judged | undefined;
}

/** Who watches a workspace, and how far its log was looked through for them. */
interface Watched {
  readonly watchers: Set<Watcher>;
  /** Undefined before the first look, which finds out where the log stands. */
  position: number | undefined;
  looking: boolean;
  /** Something happened while it was being looked. */
  again: boolean;
}

export const createLive = (parts: LiveParts): Live => {
  const workspaces = new Map<Uuid, Watched>();

  const look = async (workspaceId: Uuid): Promise<void> => {
    const watched = workspaces.get(workspaceId);
    if (watched === undefined) return;
    watched.again = true;
    if (watched.looking) return;
    watched.looking = true;
    try {
      while (watched.again && watched.watchers.size > 0) {
        watched.again = false;
        await lookOnce(parts, workspaceId, watched);
      }
    } catch (error) {
      parts.onError(error);
    } finally {
      watched.looking = false;
    }
  };

  const unsubscribe = parts.wake.subscribe((workspaceId) => void look(workspaceId));
  const poll = setInterval(() => {
    for (const workspaceId of workspaces.keys()) void look(workspaceId);
  }, POLL_MS);
  poll.unref();

  return {
    watch: (principal, hint) => {
      const { workspaceId } = principal;
      const watcher: Watcher = { principal, hint, rights: undefined };
      const watched = workspaces.get(workspaceId) ?? newlyWatched();
      workspaces.set(workspaceId, watched);
      watched.watchers.add(watcher);
      void look(workspaceId);
      return () => {
        watched.watchers.delete(watcher);
        if (watched.watchers.size === 0 && workspaces.get(workspaceId) === watched) workspaces.delete(workspaceId);
      };
    },
    close: () => {
      unsubscribe();
      clearInterval(poll);
    },
  };
};

const newlyWatched = (): Watched => ({ watchers: new Set(), position: undefined, looking: false, again: false });

/** One read for all who watch the workspace, however many commits there were. */
const lookOnce = async ({ pool, access }: LiveParts, workspaceId: Uuid, watched: Watched): Promise<void> => {
  const watchers = [...watched.watchers];
  const roots = new Set(watchers.flatMap(({ rights }) => rights?.syncs.roots ?? []));
  const after = watched.position ?? Number.MAX_SAFE_INTEGER;
  const {
    head,
    access: position,
    places,
  } = await readTouched(pool.for(workspaceId), workspaceId, { after, roots: [...roots] });
  watched.position = head;
  access.heard(workspaceId, position);
  const judge = await access.current(workspaceId);
  for (const watcher of watchers) {
    const before = watcher.rights;
    watcher.rights = judge(watcher.principal);
    if (before !== undefined && concerns(before, watcher.rights, places)) watcher.hint();
  }
};

/** What was touched under the old rights may be a loss; with other rights there is always something to tell. */
const concerns = (before: Judged, after: Judged, places: readonly Place[]): boolean =>
  before.fingerprint !== after.fingerprint || places.some((place) => includes(after.syncs, place));
