import { formatClock } from '../../shared/base/hybrid-clock.ts';
import { SERVER_DEVICE } from '../../shared/base/ids.ts';
import type { ProposedEvent } from '../../shared/contract/envelope.ts';
import { PUSH_EVENTS_MAX } from '../../shared/contract/sync.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import type { Access } from '../access/access.ts';
import { derivedId } from '../access/derived-id.ts';
import type { KnownShare } from '../access/directory.ts';
import type { Push } from './push.ts';

export interface EndSharesParts {
  readonly access: Access;
  readonly push: Push;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

// The same id on every server: whichever comes first ends the share, the others hear that it is done.
const ending = (share: KnownShare): ProposedEvent => ({
  id: derivedId('share-expired', share.rootId, share.shareId, String(share.expiresMs)),
  type: 'RecordShareRevoked',
  schemaVersion: 1,
  stream: { type: share.rootType as StreamType, id: share.rootId },
  basedOn: 0,
  // Of the expiry, so that all servers send the same content. Every share has registers of its own: no clock is too old.
  at: formatClock({ time: share.expiresMs, counter: 0, device: SERVER_DEVICE }),
  data: { shareId: share.shareId, reason: 'expired' },
});

/**
 * Writes down what has ended by the clock: whoever reads a record or its history sees it. Nobody's rights wait for that,
 * sets die at their nearest expiry. Looks at the workspaces that this server knows of; one that nobody uses has time.
 */
export const endShares = async ({ access, push, now }: EndSharesParts): Promise<void> => {
  for (const [workspaceId, { shares }] of access.directories()) {
    const ended = [...shares.values()].filter(({ expiresMs }) => expiresMs <= now()).slice(0, PUSH_EVENTS_MAX);
    for (const [sharedBy, theirs] of Map.groupBy(ended, (share) => share.sharedBy)) {
      const principal = { workspaceId, userId: sharedBy, deviceId: SERVER_DEVICE, role: 'admin' as const };
      await push.events(principal, theirs.map(ending));
    }
  }
};

const EVERY_MS = 10_000;

/** Ends shares from time to time. Returns the way to stop, which waits for what is under way. */
export const keepEndingShares = (parts: EndSharesParts, onError: (error: unknown) => void): (() => Promise<void>) => {
  let running = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = endShares(parts)
      .catch(onError)
      .finally(() => {
        busy = false;
      });
  }, EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
};
