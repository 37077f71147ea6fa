import { err, ok, type Result } from '../base/result.ts';
import { initialCompany, type companyEvents, type CompanyState } from '../contract/events/company.ts';
import { invalidField, type Rejection } from '../contract/rejections.ts';
import type { Decided, Decider, Proposed, RuleContext } from './decider.ts';
import { ownerOf } from './ownership.ts';
import { noCycle } from './parent.ts';

type CompanyEvent = keyof typeof companyEvents;

const decide = (
  _state: CompanyState,
  event: Proposed<CompanyEvent>,
  context: RuleContext,
): Result<Decided<CompanyEvent>, Rejection> => {
  switch (event.type) {
    case 'CompanyCreated':
      return ok({ type: event.type, data: { ...event.data, ownerId: ownerOf(event.data, context.actor) } });
    case 'CompanyParentChanged': {
      const cycle = noCycle('company', event.data.parentId, context);
      return cycle === undefined ? ok(event) : err(cycle);
    }
    case 'CompanyMerged':
      return event.data.absorbedId === context.streamId
        ? err(invalidField('absorbedId', 'a company cannot absorb itself'))
        : ok(event);
    case 'CompanyMergedInto':
      return event.data.survivorId === context.streamId
        ? err(invalidField('survivorId', 'a company cannot absorb itself'))
        : ok({ type: event.type, data: { ...event.data, deletedAt: context.occurredAt } });
    case 'CompanyDeleted':
      return ok({ type: event.type, data: { ...event.data, deletedAt: context.occurredAt } });
    case 'CompanyDetailsChanged':
    case 'CompanyAssigned':
    case 'CompanyRestored':
      return ok(event);
  }
};

export const company: Decider<CompanyState, CompanyEvent> = { initialState: initialCompany, decide };
