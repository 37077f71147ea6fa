import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Listener } from '../database/pool.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

/** Tells whoever waits for new events that there are some. A hint only: every reader polls as well. */
export interface Wake {
  /** After a commit, never within: NOTIFY takes a global lock at commit. */
  readonly committed: (workspaceId: Uuid, position: number) => void;
  /** Heads of workspaces that moved, in this server or another. Returns the way to stop listening. */
  readonly subscribe: (listener: (workspaceId: Uuid, position: number) => void) => () => void;
  readonly close: () => Promise<void>;
}

export interface WakeParts {
  readonly pool: WorkspacePool;
  /** Any login may listen on a channel whose name it knows, and nobody can list them. */
  readonly channel: string;
  /** A connection of its own, not yet connected, for LISTEN. */
  readonly connect: () => Listener;
  readonly onError: (error: unknown) => void;
}

/** At most 20 notifications a second, each for all workspaces that moved meanwhile. */
const FLUSH_MS = 50;
/** Workspaces in one notification: a payload holds less than 8000 bytes, one entry is 36 + 1 + 16. */
const ENTRIES_MAX = 140;
const RECONNECT_MS = 1000;

export const createWake = ({ pool, channel, connect, onError }: WakeParts): Wake => {
  const origin = randomUUID();
  const listeners = new Set<(workspaceId: Uuid, position: number) => void>();
  const moved = new Map<Uuid, number>();
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  const tell = (workspaceId: Uuid, position: number): void =>
    listeners.forEach((listener) => listener(workspaceId, position));

  const flush = async (): Promise<void> => {
    timer = undefined;
    const entries = [...moved].map(([workspaceId, position]) => `${workspaceId}:${position}`);
    moved.clear();
    try {
      while (entries.length > 0) {
        const payload = [origin, ...entries.splice(0, ENTRIES_MAX)].join(' ');
        await pool.outside.query('select pg_notify($1, $2)', [channel, payload]);
      }
    } catch (error) {
      onError(error);
    }
  };

  const received = (payload: string): void => {
    const [sender, ...entries] = payload.split(' ');
    if (sender === origin) return;
    for (const entry of entries) tell(entry.slice(0, 36), Number(entry.slice(37)));
  };

  /** Listens until closed; a lost connection is made anew for as long as it takes. */
  const listen = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const client = connect();
      const gone = new Promise<void>((resolve) => {
        client.once('end', resolve);
        client.on('error', (error) => (closing.signal.aborted ? undefined : onError(error)));
      });
      const stop = (): void => void client.end().catch(() => undefined);
      closing.signal.addEventListener('abort', stop, { once: true });
      try {
        // A client that is ended while it connects never settles its connect.
        await Promise.race([client.connect(), gone]);
        client.on('notification', ({ payload }) => received(payload ?? ''));
        if (!closing.signal.aborted) await client.query(`listen ${channel}`);
        await gone;
      } catch (error) {
        if (!closing.signal.aborted) onError(error);
      }
      closing.signal.removeEventListener('abort', stop);
      await delay(RECONNECT_MS, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  };
  const listening = listen();

  return {
    committed: (workspaceId, position) => {
      tell(workspaceId, position);
      moved.set(workspaceId, position);
      timer ??= setTimeout(() => void flush(), FLUSH_MS);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => {
      clearTimeout(timer);
      await flush();
      closing.abort();
      await listening;
    },
  };
};
