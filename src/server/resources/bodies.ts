import * as z from 'zod/mini';
import { uuid } from '../../shared/contract/envelope.ts';
import { CONSENT_CHANNELS, CONSENT_STATUSES } from '../../shared/contract/events/contact.ts';
import * as field from '../../shared/contract/events/fields.ts';
import { definitionOf, type EventType } from '../../shared/contract/events/registry.ts';
import { STAGE_KINDS } from '../../shared/contract/events/pipeline.ts';

type Shape = Record<string, z.core.$ZodType>;

/** The fields of an event's data. Rules over several fields stay with the event: its verdict names them, too. */
const shapeOf = (type: EventType): Shape => (definitionOf(type).schema as unknown as z.ZodMiniObject<Shape>).shape;

/** The fields of several events, none of which a body must have. */
const anyOf = (...types: EventType[]): Shape =>
  Object.fromEntries(
    types.flatMap((type) => Object.entries(shapeOf(type))).map(([name, schema]) => [name, z.optional(schema)]),
  );

/** null says the same as leaving a field out, except where it has a meaning of its own: an owner who is nobody. */
const nullsAbsent = (shape: Shape): Shape =>
  Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [
      name,
      z.safeParse(schema, null).success ? schema : field.absentable(schema as z.ZodMiniType),
    ]),
  );

const without = (shape: Shape, ...names: string[]): Shape =>
  Object.fromEntries(Object.entries(shape).filter(([name]) => !names.includes(name)));

/** A client that wants to know the id before the answer brings it along. */
const ownId = { id: z.optional(uuid) };

const together = <T extends Record<string, unknown>>(needs: (body: T) => boolean, path: string, message: string) =>
  z.refine<T>(needs, { path: [path], message });

type Body = Record<string, unknown>;
const given = (body: Body, ...names: string[]): boolean => names.some((name) => body[name] !== undefined);

const stage = z.strictObject({
  id: z.optional(uuid),
  name: z.optional(field.name),
  kind: z.optional(z.enum(STAGE_KINDS)),
  probabilityBp: z.optional(field.basisPoints),
  rottenAfterDays: z.optional(z.nullable(z.int().check(z.minimum(1), z.maximum(3650)))),
  /** true takes the stage out of use; its deals stay. */
  archived: z.optional(z.boolean()),
  /** Taken as a read answers it, and nothing else: only `archived` archives. */
  archivedAt: field.clearable(field.instant),
});

const consent = z.strictObject({
  status: z.enum(CONSENT_STATUSES),
  purpose: field.clearable(field.text(200)),
  basis: field.clearable(field.text(200)),
});

export const createBodies = {
  leads: z.strictObject({ ...shapeOf('LeadCreated'), ...ownId }),
  contacts: z.strictObject({ ...shapeOf('ContactCreated'), ...ownId }),
  companies: z.strictObject({ ...shapeOf('CompanyCreated'), ...ownId }),
  deals: z.strictObject({ ...shapeOf('DealCreated'), ...ownId }),
  activities: z.strictObject({
    ...nullsAbsent(anyOf('ActivityScheduled', 'CallLogged', 'EmailLogged', 'MeetingLogged', 'NoteAdded')),
    kind: z.enum(['call', 'email', 'meeting', 'task', 'note']),
    ...ownId,
  }),
  pipelines: z.strictObject({
    name: field.name,
    stages: z.array(
      z.strictObject({
        ...without(stage.shape, 'archived', 'archivedAt'),
        name: field.name,
        kind: z.enum(STAGE_KINDS),
      }),
    ),
    ...ownId,
  }),
  'exchange-rates': z.strictObject({ ...shapeOf('ExchangeRateRecorded'), ...ownId }),
  quotas: z.strictObject({ ...shapeOf('QuotaSet'), ...ownId }),
  forecasts: z.strictObject({ ...shapeOf('ForecastSubmitted'), ...ownId }),
} as const;

export const patchBodies = {
  leads: z
    .strictObject({
      ...anyOf('LeadDetailsChanged', 'LeadPriorityChanged', 'LeadAssigned'),
      status: z.optional(shapeOf('LeadStatusChanged')['status'] as z.core.$ZodType),
      reason: z.optional(field.reason),
      score: z.optional(shapeOf('LeadScored')['score'] as z.core.$ZodType),
    })
    .check(together<Body>((body) => !given(body, 'reason') || given(body, 'status'), 'reason', 'goes with a status')),
  contacts: z.strictObject({
    ...anyOf('ContactDetailsChanged', 'ContactAssigned'),
    companyId: field.clearable(field.id),
    companyRole: field.clearable(field.text(200)),
    consents: z.optional(z.partialRecord(z.enum(CONSENT_CHANNELS), consent)),
  }),
  companies: z.strictObject(anyOf('CompanyDetailsChanged', 'CompanyParentChanged', 'CompanyAssigned')),
  // No `amountMinor: null`: an amount that is known once is corrected, and 0 is one.
  deals: z
    .strictObject({
      ...without(
        anyOf(
          'DealDetailsChanged',
          'DealMovedToPipeline',
          'DealAmountChanged',
          'DealExpectedCloseDateChanged',
          'DealProbabilityOverridden',
          'DealForecastCategoryChanged',
          'DealAssigned',
        ),
        'reason',
      ),
      contactIds: z.optional(shapeOf('DealCreated')['contactIds'] as z.core.$ZodType),
    })
    .check(
      together<Body>(
        (body) => !given(body, 'pipelineId') || given(body, 'stageId'),
        'stageId',
        'goes with a pipelineId',
      ),
    ),
  activities: z
    .strictObject({
      ...without(anyOf('ActivityRescheduled', 'NoteAmended', 'ActivityCompleted', 'ActivityReassigned'), 'reason'),
      status: z.optional(z.enum(['completed', 'canceled'])),
      reason: z.optional(field.reason),
    })
    .check(
      together<Body>(
        (body) => !given(body, 'completedAt', 'outcome', 'note') || body['status'] === 'completed',
        'status',
        'must be completed where completedAt, outcome or note is given',
      ),
      together<Body>(
        (body) => !given(body, 'reason') || body['status'] === 'canceled',
        'reason',
        'goes with the status canceled',
      ),
    ),
  pipelines: z.strictObject({ stages: z.array(stage).check(z.minLength(1), z.maxLength(50)) }),
} as const;

/** The resources whose records change; of the others a new one takes the place of the old. */
export type Patchable = keyof typeof patchBodies;
export const isPatchable = (name: string): name is Patchable => Object.hasOwn(patchBodies, name);

const ended = z.strictObject({ id: uuid });

/** What becomes of a lead: nothing to say makes a new record, `{id}` takes an existing one, null takes none. */
export const convertBody = z.strictObject({
  contact: z.optional(z.union([ended, z.strictObject(without(anyOf('ContactCreated'), 'companyId', 'sourceLeadId'))])),
  company: z.optional(z.nullable(z.union([ended, z.strictObject(anyOf('CompanyCreated'))]))),
  deal: z.optional(
    z.nullable(
      z.union([ended, z.strictObject(without(anyOf('DealCreated'), 'companyId', 'contactIds', 'sourceLeadId'))]),
    ),
  ),
});

/** Of a deletion or restoration; no body says nothing. */
export const reasonBody = z.nullish(z.strictObject({ reason: field.absentable(field.reason) }));

/** What was chosen of a conflict, the path names which. */
export const resolveBody = z.strictObject(without(shapeOf('ConflictResolved'), 'conflictId'));

export const revertBody = z.strictObject({ version: z.int().check(z.minimum(1), z.maximum(2 ** 31 - 1)) });

export const winBody = z.strictObject(anyOf('DealWon'));
export const loseBody = definitionOf('DealLost').schema;
export const reopenBody = z.strictObject(anyOf('DealReopened'));
