import type { Uuid } from '../../shared/base/ids.ts';
import type { RecordStatus } from '../api.ts';
import type { OpenUser } from '../open-user.ts';
import { isRefused, outcomeOf, type Item } from './outbox.ts';

/** Where a record stands; what a person has to look at comes first. */
export const recordStatus = ({ outbox, view, contested }: OpenUser, id: Uuid): RecordStatus | undefined => {
  const items = outbox.itemsOf(id);
  if (contested.has(id) || items.some((item) => outcomeOf(item)?.kind === 'conflict')) return 'conflict';
  if (items.some(({ entry }) => isRefused(entry))) return 'refused';
  const waiting = items.filter((item) => outcomeOf(item) === undefined);
  if (waiting.length > 0) return waitingStatus(waiting);
  if (items.length > 0) return 'sent';
  return view.get(id) === undefined ? undefined : 'confirmed';
};

const waitingStatus = (items: readonly Item[]): RecordStatus => {
  if (items.some(({ entry }) => !entry.offered)) return 'saved';
  return items.some(({ entry }) => !entry.underWay) ? 'queued' : 'sent';
};
