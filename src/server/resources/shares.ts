import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { Share, Shareable } from '../../shared/contract/events/sharing.ts';
import { pick, type EventDraft } from '../../shared/domain/changes/event-draft.ts';

/** What a request for a share says; without an id the share gets one. */
export interface ShareBody extends Pick<Share, 'with' | 'access'> {
  readonly shareId?: Uuid | undefined;
  readonly expiresAt?: string | undefined;
}

export const sharing = ({ with: { type, id }, ...body }: ShareBody): EventDraft => ({
  type: 'RecordShared',
  data: { with: { type, id }, ...pick(body, ['shareId', 'access', 'expiresAt']) },
});

export const shareEnding = (state: JsonObject, shareId: Uuid): EventDraft[] => {
  const { shares } = state as unknown as Shareable;
  return shares.some((share) => share.shareId === shareId) ? [{ type: 'RecordShareRevoked', data: { shareId } }] : [];
};
