import { err, ok, type Result } from '../base/result.ts';
import { initialContact, type contactEvents, type ContactState } from '../contract/events/contact.ts';
import { invalidField, type Rejection } from '../contract/rejections.ts';
import type { Decided, Decider, Proposed, RuleContext } from './decider.ts';
import { ownerOf } from './ownership.ts';

type ContactEvent = keyof typeof contactEvents;

const decide = (
  state: ContactState,
  event: Proposed<ContactEvent>,
  context: RuleContext,
): Result<Decided<ContactEvent>, Rejection> => {
  switch (event.type) {
    case 'ContactCreated':
      return ok({ type: event.type, data: { ...event.data, ownerId: ownerOf(event.data, context.actor) } });
    case 'ContactUnlinkedFromCompany':
      return state.companyId === event.data.companyId
        ? ok(event)
        : err(invalidField('companyId', 'is not the company that this contact is linked to'));
    case 'ContactMerged':
      return event.data.absorbedId === context.streamId
        ? err(invalidField('absorbedId', 'a contact cannot absorb itself'))
        : ok(event);
    case 'ContactMergedInto':
      return event.data.survivorId === context.streamId
        ? err(invalidField('survivorId', 'a contact cannot absorb itself'))
        : ok({ type: event.type, data: { ...event.data, deletedAt: context.occurredAt } });
    case 'ContactDeleted':
      return ok({ type: event.type, data: { ...event.data, deletedAt: context.occurredAt } });
    case 'ContactDetailsChanged':
    case 'ContactLinkedToCompany':
    case 'ContactConsentChanged':
    case 'ContactAssigned':
    case 'ContactRestored':
      return ok(event);
  }
};

export const contact: Decider<ContactState, ContactEvent> = { initialState: initialContact, decide };
