import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { EventType } from '../../shared/contract/events/registry.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import { activityChanges, activityCreation } from '../../shared/domain/changes/activity-changes.ts';
import { companyChanges } from '../../shared/domain/changes/company-changes.ts';
import { contactChanges } from '../../shared/domain/changes/contact-changes.ts';
import { dealChanges } from '../../shared/domain/changes/deal-changes.ts';
import { pick, type EventDraft, type Fields } from '../../shared/domain/changes/event-draft.ts';
import { leadChanges } from '../../shared/domain/changes/lead-changes.ts';
import { pipelineChanges, pipelineCreation } from './pipeline-changes.ts';

/** How the bodies of one resource become events. */
export interface ResourceSpec {
  readonly stream: StreamType;
  /** What one is called in an answer: "There is no such lead." */
  readonly word: string;
  readonly create: (body: Fields, newId: () => Uuid) => EventDraft;
  /**
   * Undefined where a record is one event and stays as it is.
   *
   * @param fields those of `given` that differ from the state
   */
  readonly change?: (fields: Fields, state: JsonObject, given: Fields, newId: () => Uuid) => EventDraft[];
  /** Undefined where records of this type are never deleted. */
  readonly deleted?: EventType;
  readonly restored?: EventType;
}

const created =
  (type: EventType) =>
  (body: Fields): EventDraft => ({ type, data: pick(body, Object.keys(body)) });

/** The resources by their path under /api. */
export const RESOURCES = {
  leads: {
    stream: 'lead',
    word: 'lead',
    create: created('LeadCreated'),
    change: leadChanges,
    deleted: 'LeadDeleted',
    restored: 'LeadRestored',
  },
  contacts: {
    stream: 'contact',
    word: 'contact',
    create: created('ContactCreated'),
    change: contactChanges,
    deleted: 'ContactDeleted',
    restored: 'ContactRestored',
  },
  companies: {
    stream: 'company',
    word: 'company',
    create: created('CompanyCreated'),
    change: companyChanges,
    deleted: 'CompanyDeleted',
    restored: 'CompanyRestored',
  },
  deals: {
    stream: 'deal',
    word: 'deal',
    create: created('DealCreated'),
    change: dealChanges,
    deleted: 'DealDeleted',
    restored: 'DealRestored',
  },
  activities: {
    stream: 'activity',
    word: 'activity',
    create: activityCreation,
    change: activityChanges,
    deleted: 'ActivityVoided',
  },
  pipelines: { stream: 'pipeline', word: 'pipeline', create: pipelineCreation, change: pipelineChanges },
  'exchange-rates': { stream: 'rate', word: 'exchange rate', create: created('ExchangeRateRecorded') },
  quotas: { stream: 'quota', word: 'quota', create: created('QuotaSet') },
  forecasts: { stream: 'forecast', word: 'forecast', create: created('ForecastSubmitted') },
} as const satisfies Record<string, ResourceSpec>;

export type ResourceName = keyof typeof RESOURCES;
