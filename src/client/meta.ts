import { events } from '../shared/contract/events/registry.ts';
import type { ClockMemory } from './device-clock.ts';
import type { SyncMeta } from './storage/client-store.ts';
import type { AnyStream } from './sync/answer.ts';
import { toHex } from './hash/hex.ts';
import { sha256 } from './hash/sha256.ts';
import { toUtf8 } from './utf8.ts';

/** How far the cache has come; kept in the very page that brought it there. */
export interface Meta extends SyncMeta {
  /** Streams to ask for by name: a gap was met, or this app can read now what it could not. */
  readonly wants: readonly AnyStream[];
  /** Counts first syncs. */
  readonly round: number;
  /** The last first sync that ended, and after which what it did not bring was dropped. */
  readonly finished: number;
  readonly upToDate: boolean;
  /** When everything was last sent and received, by the server's clock. */
  readonly syncedAt: number | null;
  readonly clock: ClockMemory;
  /** Which events the app that wrote this could read. */
  readonly contract: string;
}

/** Changes whenever this app learns an event type or a schema version. */
export const CONTRACT = toHex(
  sha256(
    toUtf8(
      Object.entries(events)
        .map(([type, { schemaVersion }]) => `${type}/${schemaVersion}`)
        .sort()
        .join(),
    ),
  ),
).slice(0, 16);

export const firstMeta = (clock: ClockMemory, round: number): Meta => ({
  cursor: null,
  through: 0,
  wants: [],
  round,
  finished: 0,
  upToDate: false,
  syncedAt: null,
  clock,
  contract: CONTRACT,
});
