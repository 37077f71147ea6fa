import type { CompanyState } from '../../shared/contract/events/company.ts';
import { companyChanges } from '../../shared/domain/changes/company-changes.ts';
import type { Desk } from './desk.ts';
import { ownedResource } from './owned.ts';
import type { Companies } from './types.ts';

export const companiesOf = (desk: Desk): Companies =>
  ownedResource<CompanyState>(desk, {
    type: 'company',
    created: 'CompanyCreated',
    assigned: 'CompanyAssigned',
    deleted: 'CompanyDeleted',
    restored: 'CompanyRestored',
    changes: companyChanges,
  });
