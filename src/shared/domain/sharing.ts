import { err, ok, type Result } from '../base/result.ts';
import type { EventType } from '../contract/events/registry.ts';
import { SHARES_MAX, type Shareable, type sharingEvents } from '../contract/events/sharing.ts';
import { invalidField, type Rejection } from '../contract/rejections.ts';
import type { Decided, Proposed } from './decider.ts';

type SharingEvent = keyof typeof sharingEvents;

export const isSharing = (type: EventType): type is SharingEvent =>
  type === 'RecordShared' || type === 'RecordShareRevoked';

/** The same for every record that can be shared; who may do so is judged by its rights. */
export const decideSharing = (
  { shares }: Shareable,
  event: Proposed<SharingEvent>,
): Result<Decided<SharingEvent>, Rejection> => {
  const known = shares.some(({ shareId }) => shareId === event.data.shareId);
  if (event.type === 'RecordShareRevoked')
    return known ? ok(event) : err(invalidField('shareId', 'this record has no such share'));
  if (known) return err(invalidField('shareId', 'this record has a share with this id already: use a new one'));
  return shares.length < SHARES_MAX
    ? ok(event)
    : err(invalidField('shareId', `a record has at most ${SHARES_MAX} shares: revoke one first`));
};
