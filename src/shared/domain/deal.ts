import { must } from '../base/assert.ts';
import { err, ok, type Result } from '../base/result.ts';
import { DEAL_CONTACTS_MAX, initialDeal, type dealEvents, type DealState } from '../contract/events/deal.ts';
import { invalidField, wrongState, type Rejection } from '../contract/rejections.ts';
import { changeAmount, changeLines } from './deal-money.ts';
import type { Decided, Decider, Proposed, RuleContext } from './decider.ts';
import { ownerOf } from './ownership.ts';
import { notInFuture } from './past.ts';
import { closingStage, openStage, type Place } from './stage.ts';

type DealEvent = keyof typeof dealEvents;
type Decision = Result<Decided<DealEvent>, Rejection>;

/** A closed deal's money and progress stand as they were reported, until it is reopened. */
const NEEDS_OPEN: ReadonlySet<DealEvent> = new Set<DealEvent>([
  'DealStageChanged',
  'DealMovedToPipeline',
  'DealAmountChanged',
  'DealCurrencyChanged',
  'DealLineItemAdded',
  'DealLineItemChanged',
  'DealLineItemRemoved',
  'DealProbabilityOverridden',
  'DealForecastCategoryChanged',
  'DealWon',
  'DealLost',
]);

const decide = (state: DealState, event: Proposed<DealEvent>, context: RuleContext): Decision => {
  if (state.outcome !== 'open' && NEEDS_OPEN.has(event.type)) {
    return err(wrongState(`this deal is ${state.outcome}: reopen it first`));
  }
  switch (event.type) {
    case 'DealCreated':
      return create(event, context);
    case 'DealStageChanged':
      return placed(event, openStage(pipelineOf(state), event.data.stageId, context));
    case 'DealMovedToPipeline':
      return placed(event, openStage(event.data.pipelineId, event.data.stageId, context));
    case 'DealReopened':
      return state.outcome === 'open'
        ? err(wrongState('this deal is open'))
        : placed(event, openStage(pipelineOf(state), event.data.stageId, context));
    case 'DealWon':
    case 'DealLost':
      return close(state, event, context);
    case 'DealAmountChanged':
    case 'DealCurrencyChanged':
      return changeAmount(state, event);
    case 'DealLineItemAdded':
    case 'DealLineItemChanged':
    case 'DealLineItemRemoved':
      return changeLines(state, event);
    case 'DealContactLinked':
      return state.contactIds.length >= DEAL_CONTACTS_MAX
        ? err(invalidField('contactId', `a deal has at most ${DEAL_CONTACTS_MAX} contacts`))
        : ok(event);
    case 'DealDeleted':
      return ok({ type: event.type, data: { ...event.data, deletedAt: context.occurredAt } });
    case 'DealDetailsChanged':
    case 'DealExpectedCloseDateChanged':
    case 'DealProbabilityOverridden':
    case 'DealForecastCategoryChanged':
    case 'DealContactUnlinked':
    case 'DealAssigned':
    case 'DealRestored':
      return ok(event);
  }
};

const pipelineOf = (state: DealState) => must(state.pipelineId, 'a deal is created in a pipeline');

const create = ({ type, data }: Proposed<'DealCreated'>, context: RuleContext): Decision => {
  const wanted = data.pipelineId ?? context.defaultPipelineId;
  if (wanted === undefined) return err(invalidField('pipelineId', 'the workspace has no pipeline: create one first'));
  const place = openStage(wanted, data.stageId, context);
  if (!place.ok) return place;
  const { pipelineId, stage } = place.value;
  return ok({
    type,
    data: {
      ...data,
      pipelineId,
      stageId: stage.id,
      probabilityBp: stage.probabilityBp,
      outcome: 'open',
      ownerId: ownerOf(data, context.actor),
    },
  });
};

type Move = Proposed<'DealStageChanged' | 'DealMovedToPipeline' | 'DealReopened'>;

/** The stage's probability of that moment goes along, so that no later change of the pipeline rewrites history. */
const placed = (event: Move, place: Result<Place, Rejection>): Decision => {
  if (!place.ok) return place;
  const { pipelineId, stage } = place.value;
  return ok({
    type: event.type,
    data: { ...event.data, pipelineId, probabilityBp: stage.probabilityBp },
  });
};

const close = (state: DealState, event: Proposed<'DealWon' | 'DealLost'>, context: RuleContext): Decision => {
  const future = notInFuture('closedAt', event.data.closedAt, context.receivedAt);
  if (future !== undefined) return err(future);
  const place = closingStage(pipelineOf(state), event.type === 'DealWon' ? 'won' : 'lost', context);
  if (!place.ok) return place;
  const { amountMinor, currency } = state;
  const closedAt = event.data.closedAt ?? context.occurredAt;
  const added = {
    pipelineId: place.value.pipelineId,
    stageId: place.value.stage.id,
    fromStageId: must(state.stageId, 'a deal is created in a stage'),
    probabilityBp: place.value.stage.probabilityBp,
    closedAt,
    amountMinor,
    currency,
    ...context.worth?.({ amountMinor, currency }, closedAt),
  };
  // Twice the same, but TypeScript does not see that type and data still belong together.
  return event.type === 'DealWon'
    ? ok({ type: event.type, data: { ...event.data, ...added } })
    : ok({ type: event.type, data: { ...event.data, ...added } });
};

export const deal: Decider<DealState, DealEvent> = { initialState: initialDeal, decide };
