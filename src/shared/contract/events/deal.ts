import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import type { OpenConflict } from '../conflicts.ts';
import { customFieldWrites, each, eventsOf, recorded, together } from './definition.ts';
import * as field from './fields.ts';
import { lineItemWrites, linesChanged, linesWith, linesWithout, type LineItem } from './line-items.ts';
import { ownerReferences, reference, type CustomFields } from './shared-state.ts';
import type { Shareable } from './sharing.ts';
import type { Owing, Worth } from './worth.ts';

export const FORECAST_CATEGORIES = ['pipeline', 'best_case', 'commit', 'closed', 'omitted'] as const;
export type ForecastCategory = (typeof FORECAST_CATEGORIES)[number];
export const DEAL_OUTCOMES = ['open', 'won', 'lost'] as const;

export interface DealState extends Shareable {
  readonly name: string | null;
  readonly source: string | null;
  readonly companyId: Uuid | null;
  readonly contactIds: readonly Uuid[];
  readonly sourceLeadId: Uuid | null;
  readonly expectedCloseDate: string | null;
  /** With line items, their sum. */
  readonly amountMinor: number | null;
  readonly currency: string | null;
  readonly lineItems: readonly LineItem[];
  readonly pipelineId: Uuid | null;
  readonly stageId: Uuid | null;
  /** `won` just while the stage is the pipeline's won stage, `lost` while it is a lost one. */
  readonly outcome: (typeof DEAL_OUTCOMES)[number];
  readonly probabilityBp: number;
  readonly forecastCategory: ForecastCategory;
  /** Why it was won or lost. */
  readonly reason: string | null;
  readonly competitor: string | null;
  readonly closedAt: string | null;
  readonly ownerId: Uuid | null;
  readonly teamId: Uuid | null;
  readonly customFields: CustomFields;
  readonly conflicts: readonly OpenConflict[];
  readonly deletedAt: string | null;
}

export const initialDeal: DealState = {
  name: null,
  source: null,
  companyId: null,
  contactIds: [],
  sourceLeadId: null,
  expectedCloseDate: null,
  amountMinor: null,
  currency: null,
  lineItems: [],
  pipelineId: null,
  stageId: null,
  outcome: 'open',
  probabilityBp: 0,
  forecastCategory: 'pipeline',
  reason: null,
  competitor: null,
  closedAt: null,
  ownerId: null,
  teamId: null,
  customFields: {},
  shares: [],
  conflicts: [],
  deletedAt: null,
};

/** At most this many contacts a deal, so that a state stays far below its limit of bytes. */
export const DEAL_CONTACTS_MAX = 100;

const define = eventsOf<DealState>('deal');

/** What the rules add to whatever puts a deal into a stage: the stage's pipeline and its probability at the time. */
export interface Placed {
  readonly pipelineId: Uuid;
  readonly probabilityBp: number;
}
/** The money as it stood, so that no later change or rate touches what was won or lost. Phones know no rates. */
export interface Closed extends Placed, Owing, Partial<Worth> {
  readonly stageId: Uuid;
  readonly fromStageId: Uuid;
  readonly closedAt: string;
}
export interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

/** The whole of *progress* for a deal that is open, so that nothing of a former closing stays behind. */
const openIn = (data: Placed & { readonly stageId: Uuid }) => ({
  pipelineId: data.pipelineId,
  stageId: data.stageId,
  outcome: 'open',
  probabilityBp: data.probabilityBp,
  reason: null,
  competitor: null,
  closedAt: null,
});

const closedBy = (
  data: Closed & { readonly reason?: string | undefined },
  outcome: 'won' | 'lost',
  competitor: string | null,
) => ({
  pipelineId: data.pipelineId,
  stageId: data.stageId,
  outcome,
  probabilityBp: data.probabilityBp,
  forecastCategory: outcome === 'won' ? 'closed' : 'omitted',
  reason: data.reason ?? null,
  competitor,
  closedAt: data.closedAt,
});

export const dealEvents = {
  DealCreated: define({
    creates: true,
    schema: z
      .strictObject({
        name: field.name,
        pipelineId: field.absentable(field.id),
        stageId: field.absentable(field.id),
        amountMinor: field.absentable(field.amountMinor),
        currency: field.absentable(field.currency),
        expectedCloseDate: field.absentable(field.date),
        ownerId: z.optional(z.nullable(field.id)),
        teamId: z.optional(z.nullable(field.id)),
        companyId: field.absentable(field.id),
        contactIds: field.absentable(field.ids(DEAL_CONTACTS_MAX)),
        source: field.absentable(field.text(200)),
        sourceLeadId: field.absentable(field.id),
        forecastCategory: field.absentable(z.enum(FORECAST_CATEGORIES)),
        customFields: field.absentable(field.customFields),
      })
      .check(
        z.refine(
          (data) => (data.amountMinor === undefined) === (data.currency === undefined),
          'amountMinor and currency go together',
        ),
      ),
    recorded: recorded<Placed & { readonly stageId: Uuid; readonly outcome: 'open' }>(),
    references: (data) => [
      ...ownerReferences(data),
      ...reference('pipeline', 'pipelineId', data.pipelineId),
      ...reference('company', 'companyId', data.companyId),
      ...reference('lead', 'sourceLeadId', data.sourceLeadId),
      ...(data.contactIds ?? []).flatMap((id, index) => reference('contact', `contactIds.${index}`, id)),
    ],
    writes: (data) => ({
      ...each(data, ['name', 'source', 'companyId', 'contactIds', 'sourceLeadId', 'expectedCloseDate']),
      ...together('money', data, ['amountMinor', 'currency']),
      progress: { ...openIn(data), forecastCategory: data.forecastCategory ?? 'pipeline' },
      ...together('ownership', data, ['ownerId', 'teamId']),
      ...customFieldWrites(data.customFields),
    }),
  }),
  DealDetailsChanged: define({
    schema: z.strictObject({
      name: field.absentable(field.name),
      source: field.clearable(field.text(200)),
      companyId: field.clearable(field.id),
      customFields: field.clearable(field.customFields),
    }),
    references: (data) => reference('company', 'companyId', data.companyId),
    writes: (data, state) => ({
      ...each(data, ['name', 'source', 'companyId']),
      ...customFieldWrites(data.customFields, state.customFields),
    }),
  }),
  DealStageChanged: define({
    schema: z.strictObject({ stageId: field.id }),
    recorded: recorded<Placed>(),
    writes: (data) => ({ progress: openIn(data) }),
  }),
  DealMovedToPipeline: define({
    schema: z.strictObject({ pipelineId: field.id, stageId: field.id }),
    recorded: recorded<Placed>(),
    references: (data) => reference('pipeline', 'pipelineId', data.pipelineId),
    writes: (data) => ({ progress: openIn(data) }),
  }),
  DealAmountChanged: define({
    schema: z.strictObject({
      amountMinor: field.amountMinor,
      currency: field.absentable(field.currency),
      reason: field.absentable(field.reason),
    }),
    recorded: recorded<Money>(),
    writes: (data) => together('money', data, ['amountMinor', 'currency']),
  }),
  /** A revaluation: the same deal in another currency, so both are named. */
  DealCurrencyChanged: define({
    schema: z.strictObject({
      currency: field.currency,
      amountMinor: field.amountMinor,
      reason: field.absentable(field.reason),
    }),
    writes: (data) => together('money', data, ['amountMinor', 'currency']),
  }),
  DealExpectedCloseDateChanged: define({
    schema: z.strictObject({ expectedCloseDate: z.nullable(field.date), reason: field.absentable(field.reason) }),
    writes: (data) => each(data, ['expectedCloseDate']),
  }),
  /** Until the next change of stage. 100 % belongs to won deals alone. */
  DealProbabilityOverridden: define({
    schema: z.strictObject({
      probabilityBp: z.int().check(z.minimum(0), z.maximum(9999, 'of an open deal stays below 10000')),
      reason: field.absentable(field.reason),
    }),
    writes: (data) => together('progress', data, ['probabilityBp']),
  }),
  DealForecastCategoryChanged: define({
    schema: z.strictObject({ forecastCategory: z.enum(FORECAST_CATEGORIES) }),
    writes: (data) => together('progress', data, ['forecastCategory']),
  }),
  DealContactLinked: define({
    schema: z.strictObject({ contactId: field.id }),
    references: (data) => reference('contact', 'contactId', data.contactId),
    writes: (data, state) => ({
      [`contactIds/${data.contactId}`]: {
        contactIds: [...state.contactIds.filter((id) => id !== data.contactId), data.contactId],
      },
    }),
  }),
  DealContactUnlinked: define({
    schema: z.strictObject({ contactId: field.id }),
    writes: (data, state) => ({
      [`contactIds/${data.contactId}`]: { contactIds: state.contactIds.filter((id) => id !== data.contactId) },
    }),
  }),
  DealLineItemAdded: define({
    schema: z.strictObject({
      lineItemId: field.id,
      name: field.name,
      quantity: field.quantity,
      unitMinor: field.amountMinor,
      discountBp: field.absentable(field.basisPoints),
      /** Needed where the deal has no currency yet. */
      currency: field.absentable(field.currency),
    }),
    recorded: recorded<Money>(),
    writes: (data, state) => lineItemWrites(linesWith(state.lineItems, data), data),
  }),
  DealLineItemChanged: define({
    schema: z.strictObject({
      lineItemId: field.id,
      name: field.absentable(field.name),
      quantity: field.absentable(field.quantity),
      unitMinor: field.absentable(field.amountMinor),
      discountBp: field.absentable(field.basisPoints),
    }),
    recorded: recorded<Money>(),
    writes: (data, state) => lineItemWrites(linesChanged(state.lineItems, data), data),
  }),
  DealLineItemRemoved: define({
    schema: z.strictObject({ lineItemId: field.id }),
    recorded: recorded<Money>(),
    writes: (data, state) => lineItemWrites(linesWithout(state.lineItems, data.lineItemId), data),
  }),
  DealAssigned: define({
    schema: z.strictObject({ ownerId: z.nullable(field.id), teamId: z.optional(z.nullable(field.id)) }),
    references: ownerReferences,
    writes: (data) => together('ownership', data, ['ownerId', 'teamId']),
  }),
  DealWon: define({
    schema: z.strictObject({ reason: field.absentable(field.reason), closedAt: field.absentable(field.instant) }),
    recorded: recorded<Closed>(),
    writes: (data) => ({ progress: closedBy(data, 'won', null) }),
  }),
  DealLost: define({
    schema: z.strictObject({
      reason: field.reason,
      competitor: field.absentable(field.name),
      note: field.absentable(field.note),
      closedAt: field.absentable(field.instant),
    }),
    recorded: recorded<Closed>(),
    personal: ['note'],
    writes: (data) => ({ progress: closedBy(data, 'lost', data.competitor ?? null) }),
  }),
  DealReopened: define({
    schema: z.strictObject({ stageId: field.id, reason: field.absentable(field.reason) }),
    recorded: recorded<Placed>(),
    writes: (data) => ({ progress: { ...openIn(data), forecastCategory: 'pipeline' } }),
  }),
  DealDeleted: define({
    schema: z.strictObject({ reason: field.absentable(field.reason) }),
    recorded: recorded<{ readonly deletedAt: string }>(),
    writes: (data) => ({ deletion: { deletedAt: data.deletedAt } }),
  }),
  DealRestored: define({
    schema: z.strictObject({ reason: field.absentable(field.reason) }),
    writes: () => ({ deletion: { deletedAt: null } }),
  }),
};
