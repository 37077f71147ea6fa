import type { Json, JsonObject } from '../src/shared/base/json.ts';
import { type DealState, initialDeal } from '../src/shared/contract/events/deal.ts';
import { eventTypesOf } from '../src/shared/contract/events/registry.ts';
import { type DealMoment, NO_DEAL } from './deal-moment.ts';
import { comesInOrder, pointsSince, stageEnteredAt, trackAfter, trackOfPast } from './deal-track.ts';
import { dealHistoryRows, dealHistoryTable } from './deal-history.ts';
import { dealStageVisitRows, dealStageVisitTable } from './deal-stage-visit.ts';
import { type Change, changeOf, type Past, pastOf } from './history.ts';
import { pipelineBoardRows, pipelineBoardTable } from './pipeline-board.ts';
import { NeedsPast, projection, type StreamRows } from './projection.ts';
import {
  copy,
  customFieldsColumn,
  recordAfter,
  recordBefore,
  type RecordOf,
  rowMaker,
  type RecordTable,
  tableOf,
  writesOf,
} from './record.ts';
import { closingOf, type DealClosing, salesMetricsRows, salesMetricsTable } from './sales-metrics.ts';
import { weightedMinor } from './weighted.ts';

const field = copy<DealState>;

const spec: RecordTable<DealState> = {
  name: 'deal',
  comment: 'Deals: business that may be won. One row a deal.',
  initial: initialDeal,
  columns: {
    name: field('name', 'text', 'The name of the deal.'),
    pipeline_id: field('pipelineId', 'uuid', 'Its pipeline.'),
    stage_id: field('stageId', 'uuid', 'Its stage.'),
    outcome: field('outcome', 'text not null', 'open, won or lost.'),
    probability_bp: field('probabilityBp', 'integer not null', 'The probability in basis points: 2500 is 25 %.'),
    forecast_category: field('forecastCategory', 'text not null', 'pipeline, best_case, commit, closed or omitted.'),
    amount_minor: field('amountMinor', 'bigint', 'The amount, in minor units of the currency.'),
    currency: field('currency', 'text', 'The ISO 4217 code of the amount.'),
    weighted_minor: {
      type: 'numeric(24, 4)',
      comment: 'Amount × probability in minor units, exact: sum first, then round once.',
      value: ({ amountMinor, probabilityBp }) => weightedMinor(amountMinor, probabilityBp),
    },
    expected_close_date: field('expectedCloseDate', 'date', 'The day it is expected to close.'),
    closed_at: field('closedAt', 'timestamptz', 'When it was won or lost; null: it is open.'),
    reason: field('reason', 'text', 'Why it was won or lost.'),
    competitor: field('competitor', 'text', 'Whom it was lost to.'),
    company_id: field('companyId', 'uuid', 'The company it is made with.'),
    contact_ids: field('contactIds', 'uuid[] not null', 'The contacts that take part.'),
    source: field('source', 'text', 'Where it came from.'),
    source_lead_id: field('sourceLeadId', 'uuid', 'The lead it came from.'),
    owner_id: field('ownerId', 'uuid', 'The user who owns it; null: the unassigned pool.'),
    team_id: field('teamId', 'uuid', 'The team it belongs to.'),
    custom_fields: customFieldsColumn,
    deleted_at: field('deletedAt', 'timestamptz', 'When it was deleted; null in this view.'),
  },
  indexes: ['created_at, id', 'owner_id', 'company_id'],
  search: ({ name }) => [name],
  shown: 'deleted_at is null',
};

const stateColumns = {
  track: { type: 'json not null', comment: 'Where the history stands.', internal: true },
  closing: { type: 'json', comment: 'The last closing.', internal: true },
} as const;

type State = {
  readonly record: JsonObject;
  readonly position: number;
  readonly closing: JsonObject | null;
  /** A track, where the state was stored. */
  readonly track?: JsonObject | undefined;
  /** Else all changes, as the stream was folded from its beginning; not stored. */
  readonly changes?: readonly Json[] | undefined;
  /** The changes since the state was stored, and what they found; not stored. */
  readonly fresh?:
    | { readonly track: JsonObject; readonly record: JsonObject; readonly changes: readonly Json[] }
    | undefined;
};

const dealOf = (record: JsonObject) => record as unknown as RecordOf<DealState>;
const changesOf = (changes: readonly Json[]) => changes as unknown as readonly Change[];

type History = Pick<State, 'track' | 'changes' | 'fresh'>;
const NO_HISTORY: History = { changes: [] };

/** The history with a change of the followed fields; a stored one takes in what comes in order, and nothing else. */
const withChange = (state: State | undefined, record: JsonObject, change: Change): History => {
  if (state?.track === undefined) return { changes: [...(state?.changes ?? []), change] };
  if (!comesInOrder(state.track, change)) throw new NeedsPast('a change that came late');
  const track = trackAfter(state.track, { change, before: dealOf(state.record), after: dealOf(record) });
  const found = state.fresh ?? { track: state.track, record: state.record, changes: [] };
  return { track, fresh: { ...found, changes: [...found.changes, change] } };
};

interface Whole {
  readonly state: State;
  readonly past: Past<DealMoment>;
  readonly track: JsonObject;
}

/** Of a deal that was folded from its beginning: both its row and its details ask for it, one after the other. */
let lastWhole: Whole | undefined;
const wholeOf = (state: State): Whole => {
  if (lastWhole?.state !== state) {
    const changes = changesOf(state.changes ?? []);
    const past = pastOf(changes, dealOf(state.record).createdAt, NO_DEAL);
    lastWhole = { state, past, track: trackOfPast(past, changes) };
  }
  return lastWhole;
};

const trackIn = (state: State): JsonObject => state.track ?? wholeOf(state).track;

/** Both clocks' points as far as the state knows them, from the span and the stay on that are still open. */
const historyRows = (state: State, deal: RecordOf<DealState>): StreamRows => {
  const deleted = deal.deletedAt !== null;
  if (state.track === undefined) {
    const points = wholeOf(state).past;
    return {
      deal_stage_visit: dealStageVisitRows(points, { dealId: deal.id, first: 1, deleted }),
      deal_history: dealHistoryRows(deal, points, 1),
    };
  }
  if (state.fresh === undefined) return {};
  const { spans, visits, entry, visit } = pointsSince(
    state.fresh.track,
    dealOf(state.fresh.record),
    changesOf(state.fresh.changes),
  );
  return {
    deal_stage_visit: dealStageVisitRows(visits, { dealId: deal.id, first: visit, deleted }),
    deal_history: dealHistoryRows(deal, spans, entry),
  };
};

const makeRow = rowMaker(spec, stateColumns);

/** Deals as they are, as they were on both clocks, their stays in stages, the board of open ones, the closings. */
export const deal = projection<State>({
  name: 'deal',
  version: 3,
  tables: [tableOf(spec, stateColumns), dealStageVisitTable, dealHistoryTable, pipelineBoardTable, salesMetricsTable],
  state: ['record', 'position', 'track', 'closing'],
  stream: 'deal',
  handles: eventTypesOf('deal'),

  fold: (state, event) => {
    const before = recordBefore(state?.record, event, spec.initial);
    const writes = writesOf(event, before);
    const record = recordAfter(before, event, writes);
    const change = changeOf(event, writes, NO_DEAL);
    const closing = (closingOf(event, dealOf(record)) as unknown as JsonObject | undefined) ?? state?.closing ?? null;
    const history = change === undefined ? (state ?? NO_HISTORY) : withChange(state, record, change);
    return { ...history, record, position: event.position, closing };
  },

  row: (state) => makeRow({ ...state, track: trackIn(state) }),

  rows: (state) => {
    const record = dealOf(state.record);
    const closing = state.closing as unknown as DealClosing | null;
    return {
      ...historyRows(state, record),
      pipeline_board: pipelineBoardRows(record, stageEnteredAt(trackIn(state))),
      sales_metrics: salesMetricsRows(record, closing),
    };
  },
});
