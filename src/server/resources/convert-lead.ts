import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import type { Principal } from '../access/principal.ts';
import type { StoredRecord } from '../queries/stored-record.ts';
import { companyFor, contactFor, dealFor, type Made } from '../../shared/domain/changes/conversion-targets.ts';
import type { Fields } from '../../shared/domain/changes/event-draft.ts';
import type { RequestKey } from './request-key.ts';
import { visibleRecord, type RecordParts } from './visible-record.ts';
import { writeEvents, type StreamDraft } from './write-events.ts';

/** Per target: nothing makes a new record, `{id}` takes an existing one, null takes none. */
export interface ConvertBody {
  readonly contact?: Fields | undefined;
  readonly company?: Fields | null | undefined;
  readonly deal?: Fields | null | undefined;
}

/** The records after a conversion; null where there is none. */
export interface Conversion {
  readonly lead: JsonObject;
  readonly contact: JsonObject | null;
  readonly company: JsonObject | null;
  readonly deal: JsonObject | null;
  readonly position: number;
}

interface Asked {
  readonly leadId: Uuid;
  readonly body: ConvertBody;
}

/**
 * Makes contact, company and deal of a lead, or fills the empty fields of existing ones, all with LeadConverted in one
 * group. A lead that is converted already answers its records and changes nothing.
 */
export const convertLead = async (
  parts: RecordParts,
  principal: Principal,
  { leadId, body }: Asked,
  key: RequestKey | undefined,
): Promise<Conversion> => {
  const lead = await leadToConvert(parts, principal, leadId);
  if (isConverted(lead)) return conversionOf(parts, principal, lead, lead.position);
  try {
    const { position } = await writeEvents(parts, principal, () => conversionDrafts(parts, principal, lead, body), {
      key,
    });
    return await conversionOf(parts, principal, await leadToConvert(parts, principal, leadId), position);
  } catch (error) {
    // Of two conversions at once the second is refused as a whole, and answers what the first one made.
    const now = error instanceof Problem ? await leadToConvert(parts, principal, leadId) : undefined;
    if (now === undefined || !isConverted(now)) throw error;
    return conversionOf(parts, principal, now, now.position);
  }
};

const isConverted = ({ state }: StoredRecord): boolean => typeof state['convertedAt'] === 'string';

const leadToConvert = async (parts: RecordParts, principal: Principal, id: Uuid): Promise<StoredRecord> => {
  const lead = await visibleRecord(parts, principal, 'lead', id);
  if (lead === undefined) throw new Problem('not_found', 'There is no such lead.');
  if (typeof lead.state['deletedAt'] === 'string')
    throw new Problem('archived', 'This lead is deleted: restore it first.');
  return lead;
};

const conversionOf = async (
  parts: RecordParts,
  principal: Principal,
  { record, state }: StoredRecord,
  position: number,
): Promise<Conversion> => {
  const target = async (type: StreamType, id: unknown): Promise<JsonObject | null> =>
    typeof id === 'string' ? ((await visibleRecord(parts, principal, type, id))?.record ?? null) : null;
  const [contact, company, deal] = await Promise.all([
    target('contact', state['contactId']),
    target('company', state['companyId']),
    target('deal', state['dealId']),
  ]);
  return { lead: record, contact, company, deal, position };
};

const conversionDrafts = async (
  parts: RecordParts,
  principal: Principal,
  lead: StoredRecord,
  body: ConvertBody,
): Promise<StreamDraft[]> => {
  const existing = (type: StreamType, target: Fields | null | undefined) =>
    existingTarget(parts, principal, type, target);
  const made = companyFor(lead.state, body.company, await existing('company', body.company), parts.newId);
  if (!made.ok) throw new Problem('invalid_request', made.error.message, { errors: made.error.fields ?? [] });
  const company = made.value;
  const source = { lead, companyId: company?.id };
  const contact = contactFor(source, body.contact, await existing('contact', body.contact), parts.newId);
  const deal = dealFor({ ...source, contactId: contact.id }, body.deal, await existing('deal', body.deal), parts.newId);
  return [
    ...(company?.drafts ?? []),
    ...contact.drafts,
    ...(deal?.drafts ?? []),
    converted(lead, { contact, company, deal }),
  ];
};

const converted = (
  lead: StoredRecord,
  { contact, company, deal }: { contact: Made; company: Made | undefined; deal: Made | undefined },
): StreamDraft => ({
  type: 'LeadConverted',
  id: lead.id,
  basedOn: lead.version,
  clocks: lead.clocks,
  data: {
    contactId: contact.id,
    ...(company === undefined ? {} : { companyId: company.id }),
    ...(deal === undefined ? {} : { dealId: deal.id }),
  },
});

const existingTarget = async (
  parts: RecordParts,
  principal: Principal,
  type: StreamType,
  target: Fields | null | undefined,
): Promise<StoredRecord | undefined> => {
  const id = target?.['id'];
  if (id === undefined) return undefined;
  const found = await visibleRecord(parts, principal, type, id as Uuid);
  if (found !== undefined) return found;
  throw new Problem('invalid_request', `There is no such ${type}.`, {
    errors: [{ path: `${type}.id`, message: `there is no such ${type}` }],
  });
};
