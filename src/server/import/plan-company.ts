import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { ok } from '../../shared/base/result.ts';
import {
  companyBy,
  customFields,
  joined,
  ownership,
  present,
  refuse,
  text,
  type PlannedEvent,
  type Planner,
  type RowPlan,
} from './row-plan.ts';

/**
 * Companies are known by their name: one that exists already, be it only because a deal or a subsidiary named it, is
 * filled with what the row says instead of being made twice.
 */
export const planCompany: Planner = (fields, context) => {
  const name = text(fields, 'name');
  if (name === undefined) return refuse(context, 'name', 'name is missing.');
  const existing = context.madeBefore ? undefined : context.directory.find('company', name);
  const details = ok({ ...present(fields, ['domain', 'industry', 'size', 'address']), ...customFields(fields) });
  const owner = ownership(fields, context);
  const parent = companyBy(fields, context, ['parentName', 'parentId']);
  const whole = joined(details, owner, parent);
  if (!whole.ok) return whole;
  if (!details.ok || !owner.ok || !parent.ok) return whole as never;
  if (existing !== undefined && existing !== context.recordId) {
    return ok(
      filled(existing, { details: details.value, owner: owner.value, parent: parent.value, time: context.time }),
    );
  }
  context.directory.add('company', name, context.recordId);
  const creation = {
    label: 'created',
    type: 'CompanyCreated',
    data: { name, ...whole.value },
    time: context.time,
  } as const;
  return ok({ streamId: context.recordId, events: [creation] });
};

interface Filling {
  readonly details: JsonObject;
  readonly owner: JsonObject;
  readonly parent: JsonObject;
  readonly time: number;
}

const filled = (streamId: Uuid, { details, owner, parent, time }: Filling): RowPlan => {
  const events: PlannedEvent[] = [];
  if (Object.keys(details).length > 0)
    events.push({ label: 'details', type: 'CompanyDetailsChanged', data: details, time });
  if (parent['parentId'] !== undefined)
    events.push({ label: 'parent', type: 'CompanyParentChanged', data: parent, time });
  if (typeof owner['ownerId'] === 'string') events.push({ label: 'owner', type: 'CompanyAssigned', data: owner, time });
  return { streamId, events };
};
