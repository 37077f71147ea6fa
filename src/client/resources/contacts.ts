import type { ContactState } from '../../shared/contract/events/contact.ts';
import { contactChanges } from '../../shared/domain/changes/contact-changes.ts';
import { editsOf, recordToEdit, type Desk } from './desk.ts';
import { ownedResource } from './owned.ts';
import type { Contacts } from './types.ts';

export const contactsOf = (desk: Desk): Contacts => {
  const { act } = editsOf<ContactState>(desk, 'contact');
  return {
    ...ownedResource<ContactState>(desk, {
      type: 'contact',
      created: 'ContactCreated',
      assigned: 'ContactAssigned',
      deleted: 'ContactDeleted',
      restored: 'ContactRestored',
      changes: contactChanges,
    }),
    linkToCompany: (id, companyId, role) => act(id, 'ContactLinkedToCompany', { companyId, role }),
    unlinkFromCompany: async (id) => {
      const { state } = recordToEdit(await desk.user(), 'contact', id);
      return act(id, 'ContactUnlinkedFromCompany', { companyId: state['companyId'] });
    },
    changeConsent: (id, data) => act(id, 'ContactConsentChanged', data),
  };
};
