import type { Principal } from '../access/principal.ts';
import { closedFromStage } from '../queries/closed-from-stage.ts';
import type { StoredRecord } from '../queries/stored-record.ts';
import type { EventDraft } from '../../shared/domain/changes/event-draft.ts';
import type { WriteParts } from './write-events.ts';

/** A deal that is reopened without naming a stage goes back to the one it was closed from. */
export const reopening = async (
  { pool }: WriteParts,
  { workspaceId }: Principal,
  deal: StoredRecord,
  draft: EventDraft,
): Promise<EventDraft> => {
  if (draft.type !== 'DealReopened' || draft.data['stageId'] !== undefined) return draft;
  const stageId = await closedFromStage(pool.for(workspaceId), workspaceId, deal.id);
  return stageId === undefined ? draft : { ...draft, data: { ...draft.data, stageId } };
};
