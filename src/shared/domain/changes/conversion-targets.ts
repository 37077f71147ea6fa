import type { Uuid } from '../../base/ids.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { RegisterClocks } from '../../contract/envelope.ts';
import { rejection, type Rejection } from '../../contract/rejections.ts';
import { pick, type EventDraft, type Fields } from './event-draft.ts';

/** A record as a conversion finds it. */
export interface Present {
  readonly id: Uuid;
  readonly state: JsonObject;
  readonly version: number;
  readonly clocks: RegisterClocks;
}

/** An event of a record, and what is known of the record; nothing of one that the group creates. */
export interface TargetDraft extends EventDraft {
  readonly id: Uuid;
  readonly basedOn?: number;
  readonly clocks?: RegisterClocks;
}

/** A record that a conversion makes or takes, and the events for it. */
export interface Made {
  readonly id: Uuid;
  readonly drafts: readonly TargetDraft[];
}

/** What the targets are made from. */
export interface Source {
  readonly lead: Pick<Present, 'id' | 'state'>;
  readonly companyId: Uuid | undefined;
}

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/** The lead's fields among `keys` that have a value. */
const filled = (state: JsonObject, keys: readonly string[]): JsonObject =>
  pick(
    state,
    keys.filter((key) => !isEmpty(state[key])),
  );

const fieldsOf = (body: Fields | null | undefined): JsonObject => pick(body ?? {}, Object.keys(body ?? {}));

const taken = (record: Present, drafts: readonly EventDraft[]): Made => ({
  id: record.id,
  drafts: drafts.map((draft) => ({ ...draft, id: record.id, basedOn: record.version, clocks: record.clocks })),
});

const NAMELESS = rejection('invalid', 'The company needs a name.', [{ path: 'company.name', message: 'is missing' }]);

/** None where null says so, or where neither lead nor body names one. */
export const companyFor = (
  lead: JsonObject,
  body: Fields | null | undefined,
  existing: Present | undefined,
  newId: () => Uuid,
): Result<Made | undefined, Rejection> => {
  if (existing !== undefined) return ok(taken(existing, []));
  if (body === null || (body === undefined && isEmpty(lead['companyName']))) return ok(undefined);
  const data = { name: lead['companyName'] ?? null, ...filled(lead, ['ownerId', 'teamId']), ...fieldsOf(body) };
  if (data.name === null) return err(NAMELESS);
  const id = newId();
  return ok({ id, drafts: [{ type: 'CompanyCreated', id, data: withOwner(data, lead) }] });
};

/** A lead of the unassigned pool stays there: an absent owner would be the one who converts. */
const withOwner = (data: JsonObject, lead: JsonObject): JsonObject => ({ ownerId: lead['ownerId'] ?? null, ...data });

const PERSON = ['title', 'emails', 'phones'];

export const contactFor = (
  { lead, companyId }: Source,
  body: Fields | undefined,
  existing: Present | undefined,
  newId: () => Uuid,
): Made => {
  const { state } = lead;
  if (existing !== undefined) return taken(existing, contactFilling(state, existing.state, companyId));
  const id = newId();
  const data = {
    name: state['name'] ?? state['companyName'] ?? null,
    ...filled(state, [...PERSON, 'ownerId', 'teamId']),
    ...fieldsOf(body),
    ...(companyId === undefined ? {} : { companyId }),
    sourceLeadId: lead.id,
  };
  return { id, drafts: [{ type: 'ContactCreated', id, data: withOwner(data, state) }] };
};

const contactFilling = (lead: JsonObject, contact: JsonObject, companyId: Uuid | undefined): EventDraft[] => {
  const details = filled(
    lead,
    PERSON.filter((key) => isEmpty(contact[key])),
  );
  return [
    ...(Object.keys(details).length === 0 ? [] : [{ type: 'ContactDetailsChanged' as const, data: details }]),
    ...(companyId !== undefined && isEmpty(contact['companyId'])
      ? [{ type: 'ContactLinkedToCompany' as const, data: { companyId } }]
      : []),
  ];
};

const MONEY = ['amountMinor', 'currency'];

export const dealFor = (
  { lead, companyId, contactId }: Source & { readonly contactId: Uuid },
  body: Fields | null | undefined,
  existing: Present | undefined,
  newId: () => Uuid,
): Made | undefined => {
  const { state } = lead;
  if (existing !== undefined) return taken(existing, dealFilling({ state, companyId, contactId }, existing.state));
  if (body === null) return undefined;
  const id = newId();
  const given = fieldsOf(body);
  const data = {
    name: state['companyName'] ?? state['name'] ?? null,
    ...filled(state, ['source', 'ownerId', 'teamId', ...(MONEY.some((key) => given[key] !== undefined) ? [] : MONEY)]),
    ...given,
    ...(companyId === undefined ? {} : { companyId }),
    contactIds: [contactId],
    sourceLeadId: lead.id,
  };
  return { id, drafts: [{ type: 'DealCreated', id, data: withOwner(data, state) }] };
};

const dealFilling = (
  { state, companyId, contactId }: { state: JsonObject; companyId: Uuid | undefined; contactId: Uuid },
  deal: JsonObject,
): EventDraft[] => {
  const details = {
    ...filled(state, isEmpty(deal['source']) ? ['source'] : []),
    ...(companyId !== undefined && isEmpty(deal['companyId']) ? { companyId } : {}),
  };
  const money = isEmpty(deal['amountMinor']) ? filled(state, MONEY) : {};
  const linked = (deal['contactIds'] as readonly Json[] | undefined)?.includes(contactId) === true;
  return [
    ...(Object.keys(details).length === 0 ? [] : [{ type: 'DealDetailsChanged' as const, data: details }]),
    ...(Object.keys(money).length === 0 ? [] : [{ type: 'DealAmountChanged' as const, data: money }]),
    ...(linked ? [] : [{ type: 'DealContactLinked' as const, data: { contactId } }]),
  ];
};
