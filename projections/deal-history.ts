import type { DealState } from '../src/shared/contract/events/deal.ts';
import { type DealPoints, sameDeal } from './deal-moment.ts';
import { closedIn } from './occurrence.ts';
import type { Row, Table } from './projection.ts';
import type { RecordOf } from './record.ts';
import { spansOf } from './spans.ts';

/**
 * As of position P: `from_position <= P and (to_position > P or to_position is null)`. As of time T by when things
 * occurred: the same with `from_at`, `to_at`. A row that only one clock knows has nulls on the other, and so never
 * matches there.
 */
export const dealHistoryTable: Table = {
  name: 'deal_history',
  comment:
    'What every deal was at any moment, in spans that begin and end with a change, on both clocks. As recorded: ' +
    'from_position <= P and (to_position > P or to_position is null), or from_recorded_at < T and (to_recorded_at >= T or ' +
    'to_recorded_at is null). As occurred: the same with from_at and to_at.',
  columns: {
    deal_id: { type: 'uuid not null', comment: 'The deal.' },
    entry: { type: 'integer not null', comment: 'Numbers the spans of a deal; no more than that.' },
    from_position: {
      type: 'bigint',
      comment: 'Position from which it was recorded so; null: only on the other clock.',
    },
    to_position: { type: 'bigint', comment: 'Position that ended it; null: it still holds.' },
    from_recorded_at: { type: 'timestamptz', comment: 'When the server learned that it came to be so.' },
    to_recorded_at: { type: 'timestamptz', comment: 'When the server learned that it ended; null: it still holds.' },
    from_at: { type: 'timestamptz', comment: 'When it came to be so; null: only on the other clock.' },
    to_at: { type: 'timestamptz', comment: 'When that ended; null: it still holds.' },
    pipeline_id: { type: 'uuid', comment: 'The pipeline.' },
    stage_id: { type: 'uuid', comment: 'The stage.' },
    outcome: { type: 'text not null', comment: 'open, won or lost.' },
    probability_bp: { type: 'integer not null', comment: 'The probability in basis points: 2500 is 25 %.' },
    forecast_category: { type: 'text not null', comment: 'pipeline, best_case, commit, closed or omitted.' },
    closed_at: { type: 'timestamptz', comment: 'When it was won or lost; never before the deal was created.' },
    reason: { type: 'text', comment: 'Why it was won or lost.' },
    competitor: { type: 'text', comment: 'Whom it was lost to.' },
    amount_minor: { type: 'bigint', comment: 'The amount, in minor units of the currency.' },
    currency: { type: 'text', comment: 'The ISO 4217 code of the amount.' },
    expected_close_date: { type: 'date', comment: 'The day it was expected to close.' },
    owner_id: { type: 'uuid', comment: 'The user who owned it.' },
    team_id: { type: 'uuid', comment: 'The team it belonged to.' },
    company_id: { type: 'uuid', comment: 'The company it was made with.' },
    source: { type: 'text', comment: 'Where it came from.' },
    deleted: { type: 'boolean not null', comment: 'Whether it was deleted; false in this view.' },
  },
  primaryKey: ['deal_id', 'entry'],
  // None by position or time: only for the first tenth of a log did they save a tenth of a second, and each cost a rebuild
  // a second for a million spans and every span its upkeep.
  indexes: [],
  shown: 'not deleted',
};

/** @param first the number of the first span */
export const dealHistoryRows = (
  { id, createdAt }: RecordOf<DealState>,
  { recorded, occurred }: DealPoints,
  first: number,
): Row[] =>
  spansOf(recorded, occurred, sameDeal).map((span, index) => ({
    deal_id: id,
    entry: first + index,
    from_position: span.fromPosition,
    to_position: span.toPosition,
    from_recorded_at: span.fromRecordedAt,
    to_recorded_at: span.toRecordedAt,
    from_at: span.fromAt,
    to_at: span.toAt,
    pipeline_id: span.moment.pipelineId,
    stage_id: span.moment.stageId,
    outcome: span.moment.outcome,
    probability_bp: span.moment.probabilityBp,
    forecast_category: span.moment.forecastCategory,
    closed_at: span.moment.closedAt === null ? null : closedIn(span.moment.closedAt, createdAt),
    reason: span.moment.reason,
    competitor: span.moment.competitor,
    amount_minor: span.moment.amountMinor,
    currency: span.moment.currency,
    expected_close_date: span.moment.expectedCloseDate,
    owner_id: span.moment.ownerId,
    team_id: span.moment.teamId,
    company_id: span.moment.companyId,
    source: span.moment.source,
    deleted: span.moment.deletedAt !== null,
  }));
