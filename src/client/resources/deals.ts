import type { DealState } from '../../shared/contract/events/deal.ts';
import { dealChanges } from '../../shared/domain/changes/deal-changes.ts';
import { newId } from '../random.ts';
import { editsOf, type Desk } from './desk.ts';
import { ownedResource } from './owned.ts';
import type { Deals } from './types.ts';

export const dealsOf = (desk: Desk): Deals => {
  const { act } = editsOf<DealState>(desk, 'deal');
  return {
    ...ownedResource<DealState>(desk, {
      type: 'deal',
      created: 'DealCreated',
      assigned: 'DealAssigned',
      deleted: 'DealDeleted',
      restored: 'DealRestored',
      changes: dealChanges,
    }),
    changeStage: (id, stageId) => act(id, 'DealStageChanged', { stageId }),
    win: (id, data = {}) => act(id, 'DealWon', data),
    lose: (id, data) => act(id, 'DealLost', data),
    reopen: (id, stageId, reason) => act(id, 'DealReopened', { stageId, reason }),
    linkContact: (id, contactId) => act(id, 'DealContactLinked', { contactId }),
    unlinkContact: (id, contactId) => act(id, 'DealContactUnlinked', { contactId }),
    addLineItem: (id, line) => act(id, 'DealLineItemAdded', { lineItemId: newId(), ...line }),
    changeLineItem: (id, line) => act(id, 'DealLineItemChanged', line),
    removeLineItem: (id, lineItemId) => act(id, 'DealLineItemRemoved', { lineItemId }),
  };
};
