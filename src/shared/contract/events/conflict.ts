import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';
import { CONFLICT_CHOICES, CRITICAL_REGISTERS, type CriticalRegister } from '../conflicts.ts';
import { OWNED_TYPES } from '../streams.ts';
import { DEAL_OUTCOMES, FORECAST_CATEGORIES } from './deal.ts';
import { eventsOf, recorded, type Writes } from './definition.ts';
import * as field from './fields.ts';
import { LINE_ITEMS_MAX } from './line-items.ts';
import type { Owing, Worth } from './worth.ts';

/** What a closing froze, where a resolution won or lost a deal; as DealWon and DealLost carry it. */
export interface ClosingFacts extends Owing, Partial<Worth> {
  readonly fromStageId: Uuid;
}

/** What the rules made of a resolution. */
export interface Settled {
  readonly register: CriticalRegister;
  readonly writes: Writes;
  readonly closing?: ClosingFacts;
}

const object = z.record(z.string(), z.unknown());
const proposal = z.strictObject({
  id: field.id,
  type: z.string(),
  schemaVersion: z.int(),
  basedOn: z.int(),
  at: z.string(),
  data: object,
});

const lineItem = z.strictObject({
  id: field.id,
  name: field.name,
  quantity: field.quantity,
  unitMinor: field.amountMinor,
  discountBp: z.optional(field.basisPoints),
});

/** Fields of the critical registers; which of them belong to the conflict's, the rules say. */
const value = z.strictObject({
  amountMinor: field.clearable(field.amountMinor),
  currency: field.clearable(field.currency),
  lineItems: z.optional(z.array(lineItem).check(z.maxLength(LINE_ITEMS_MAX))),
  pipelineId: z.optional(field.id),
  stageId: z.optional(field.id),
  outcome: z.optional(z.enum(DEAL_OUTCOMES)),
  probabilityBp: z.optional(field.basisPoints),
  forecastCategory: z.optional(z.enum(FORECAST_CATEGORIES)),
  reason: field.clearable(field.reason),
  competitor: field.clearable(field.name),
  closedAt: field.clearable(field.instant),
  ownerId: field.clearable(field.id),
  teamId: field.clearable(field.id),
});

const define = eventsOf<JsonObject>(...OWNED_TYPES);

export const conflictEvents = {
  /** Takes the place of an event that was not taken, under its id. Changes no register. */
  ConflictRaised: define({
    serverMade: true,
    schema: z.strictObject({
      conflictId: field.id,
      register: z.enum(CRITICAL_REGISTERS),
      base: z.nullable(object),
      current: object,
      currentVersion: z.int(),
      currentClock: z.string(),
      proposed: object,
      actor: field.id,
      device: field.id,
      event: proposal,
    }),
    personal: ['base', 'current', 'proposed', 'event'],
    writes: () => ({}),
  }),
  ConflictResolved: define({
    schema: z
      .strictObject({
        conflictId: field.id,
        choice: z.enum(CONFLICT_CHOICES),
        value: field.absentable(value),
      })
      .check(
        z.refine(
          (data) => (data.choice === 'custom') === (data.value !== undefined),
          'the choice custom, and no other, needs a value',
        ),
      ),
    recorded: recorded<Settled>(),
    personal: ['value', 'writes'],
    writes: (data) => data.writes,
  }),
};
