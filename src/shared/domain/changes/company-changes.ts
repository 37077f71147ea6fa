import type { JsonObject } from '../../base/json.ts';
import { assignment, draftOf, type EventDraft, type Fields } from './event-draft.ts';

/** The events that a patch of a company stands for. */
export const companyChanges = (fields: Fields, state: JsonObject): EventDraft[] => [
  ...draftOf('CompanyDetailsChanged', fields, ['name', 'domain', 'industry', 'size', 'address', 'customFields']),
  ...draftOf('CompanyParentChanged', fields, ['parentId']),
  ...assignment('CompanyAssigned', fields, state),
];
