import type { Uuid } from '../../shared/base/ids.ts';
import type { LeadState } from '../../shared/contract/events/lead.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import {
  companyFor,
  contactFor,
  dealFor,
  type Made,
  type Present,
} from '../../shared/domain/changes/conversion-targets.ts';
import type { Fields } from '../../shared/domain/changes/event-draft.ts';
import { leadChanges } from '../../shared/domain/changes/lead-changes.ts';
import type { OpenUser } from '../open-user.ts';
import { newId } from '../random.ts';
import { refusalOf } from '../refusal.ts';
import type { Wish } from '../write.ts';
import { editsOf, recordToEdit, type Desk } from './desk.ts';
import { ownedResource } from './owned.ts';
import { recordOf } from './record.ts';
import type { Company, Contact, Converted, ConvertInto, Deal, Leads } from './types.ts';

export const leadsOf = (desk: Desk): Leads => {
  const { act } = editsOf<LeadState>(desk, 'lead');
  return {
    ...ownedResource<LeadState>(desk, {
      type: 'lead',
      created: 'LeadCreated',
      assigned: 'LeadAssigned',
      deleted: 'LeadDeleted',
      restored: 'LeadRestored',
      changes: leadChanges,
    }),
    changeStatus: (id, status, reason) => act(id, 'LeadStatusChanged', { status, reason }),
    disqualify: (id, reason, note) => act(id, 'LeadDisqualified', { reason, note }),
    recycle: (id, data = {}) => act(id, 'LeadRecycled', data),
    convert: async (id, into = {}) => convert(desk, await desk.user(), id, into),
  };
};

/** One group; a lead that is converted already answers its records and changes nothing. */
const convert = async (desk: Desk, user: OpenUser, id: Uuid, into: ConvertInto): Promise<Converted> => {
  const lead = presentOf(user, 'lead', id);
  if (lead.state['convertedAt'] === null) await desk.write(user, conversion(user, lead, into));
  const { state } = presentOf(user, 'lead', id);
  const target = (targetId: unknown) => {
    const found = typeof targetId === 'string' ? user.view.get(targetId) : undefined;
    return found === undefined ? null : recordOf<never>(found);
  };
  return {
    lead: recordOf<LeadState>(recordToEdit(user, 'lead', id)),
    contact: target(state['contactId']) as unknown as Contact,
    company: target(state['companyId']) as Company | null,
    deal: target(state['dealId']) as Deal | null,
  };
};

const presentOf = (user: OpenUser, type: StreamType, id: Uuid): Present => {
  const { state, clocks, confirmedVersion } = recordToEdit(user, type, id);
  return { id, state, clocks, version: confirmedVersion };
};

const conversion = (user: OpenUser, lead: Present, into: ConvertInto): Wish[] => {
  const existing = (type: StreamType, target: { readonly id?: Uuid } | null | undefined): Present | undefined =>
    target?.id === undefined ? undefined : presentOf(user, type, target.id);
  const made = companyFor(lead.state, into.company, existing('company', into.company), newId);
  if (!made.ok) throw refusalOf(made.error);
  const company = made.value;
  const source = { lead, companyId: company?.id };
  const contact = contactFor(source, into.contact as Fields | undefined, existing('contact', into.contact), newId);
  const deal = dealFor({ ...source, contactId: contact.id }, into.deal, existing('deal', into.deal), newId);
  return [...wishes(company), ...wishes(contact), ...wishes(deal), converted(lead.id, { contact, company, deal })];
};

const wishes = (made: Made | undefined): readonly Wish[] => made?.drafts ?? [];

const converted = (
  id: Uuid,
  { contact, company, deal }: { contact: Made; company: Made | undefined; deal: Made | undefined },
): Wish => ({
  type: 'LeadConverted',
  id,
  data: { contactId: contact.id, companyId: company?.id, dealId: deal?.id },
});
