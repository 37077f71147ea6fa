import { ok, type Result } from '../../shared/base/result.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { RowProblem } from './csv-rows.ts';
import type { Fields } from './read-fields.ts';
import {
  companyBy,
  contactMethods,
  customFields,
  joined,
  money,
  ownership,
  present,
  type Planner,
  type RowContext,
} from './row-plan.ts';

const methods = (fields: Fields): JsonObject => ({
  ...contactMethods(fields, 'emails'),
  ...contactMethods(fields, 'phones'),
});

const amount = (fields: Fields, context: RowContext): Result<JsonObject, RowProblem> => {
  const paid = money(fields, context);
  return paid.ok ? ok({ ...paid.value }) : paid;
};

export const planLead: Planner = (fields, context) => {
  const data = joined(
    ok(present(fields, ['name', 'companyName', 'title', 'source', 'campaign', 'note', 'status', 'priority'])),
    ok({ ...methods(fields), ...customFields(fields) }),
    amount(fields, context),
    ownership(fields, context),
  );
  if (!data.ok) return data;
  const creation = { label: 'created', type: 'LeadCreated', data: data.value, time: context.time } as const;
  return ok({ streamId: context.recordId, events: [creation] });
};

export const planContact: Planner = (fields, context) => {
  const data = joined(
    ok({ ...present(fields, ['name', 'title']), ...methods(fields), ...customFields(fields) }),
    companyBy(fields, context, ['companyName', 'companyId']),
    ownership(fields, context),
  );
  if (!data.ok) return data;
  const creation = { label: 'created', type: 'ContactCreated', data: data.value, time: context.time } as const;
  return ok({ streamId: context.recordId, events: [creation] });
};
