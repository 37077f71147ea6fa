import type { JsonObject } from '../../base/json.ts';
import { assignment, draftOf, pick, type EventDraft, type Fields } from './event-draft.ts';

const DETAILS = [
  'name',
  'companyName',
  'title',
  'emails',
  'phones',
  'source',
  'campaign',
  'note',
  'amountMinor',
  'currency',
  'customFields',
];

/** The events that a patch of a lead stands for. */
export const leadChanges = (fields: Fields, state: JsonObject, given: Fields): EventDraft[] => [
  ...draftOf('LeadDetailsChanged', fields, DETAILS),
  ...status(fields, state, given),
  ...draftOf('LeadPriorityChanged', fields, ['priority']),
  ...draftOf('LeadScored', fields, ['score']),
  ...assignment('LeadAssigned', fields, state),
];

/** `reason` belongs to the status; another reason for the same status is a change, too. */
const status = (fields: Fields, state: JsonObject, given: Fields): EventDraft[] => {
  if (given['status'] === undefined) return [];
  const otherReason = given['reason'] !== undefined && given['reason'] !== state['reason'];
  if (fields['status'] === undefined && !otherReason) return [];
  return [{ type: 'LeadStatusChanged', data: pick(given, ['status', 'reason']) }];
};
