import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { assignment, draftOf, type EventDraft, type Fields } from './event-draft.ts';

/** The events that a patch of a contact stands for. */
export const contactChanges = (fields: Fields, state: JsonObject): EventDraft[] => [
  ...draftOf('ContactDetailsChanged', fields, ['name', 'title', 'emails', 'phones', 'customFields']),
  ...companyLink(fields, state),
  ...consents(fields, state),
  ...assignment('ContactAssigned', fields, state),
];

const companyLink = ({ companyId, companyRole }: Fields, state: JsonObject): EventDraft[] => {
  if (companyId === undefined && companyRole === undefined) return [];
  const target = companyId === undefined ? state['companyId'] : companyId;
  if (target === null || target === undefined) {
    const present = state['companyId'];
    return present === null || present === undefined
      ? []
      : [{ type: 'ContactUnlinkedFromCompany', data: { companyId: present } }];
  }
  const role = companyRole ?? null;
  return [{ type: 'ContactLinkedToCompany', data: { companyId: target, ...(role === null ? {} : { role }) } }];
};

/** One event a channel; channels that stay as they are make none. */
const consents = ({ consents: given }: Fields, state: JsonObject): EventDraft[] => {
  if (!isJsonObject(given)) return [];
  const before = isJsonObject(state['consents']) ? state['consents'] : {};
  return Object.entries(given)
    .filter(([channel, consent]) => isJsonObject(consent) && !isKept(consent, before[channel]))
    .map(([channel, consent]) => ({
      type: 'ContactConsentChanged',
      data: { channel, ...withoutNulls(consent as JsonObject) },
    }));
};

const isKept = (consent: JsonObject, before: unknown): boolean =>
  isJsonObject(before) &&
  ['status', 'purpose', 'basis'].every((key) => (consent[key] ?? null) === (before[key] ?? null));

const withoutNulls = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
