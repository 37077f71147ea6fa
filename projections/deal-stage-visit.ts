import type { Uuid } from '../src/shared/base/ids.ts';
import type { DealFields, DealPoint, DealPoints } from './deal-moment.ts';
import type { Row, Table } from './projection.ts';
import { spansOf } from './spans.ts';

export const dealStageVisitTable: Table = {
  name: 'deal_stage_visit',
  comment: 'Every stay of a deal in a stage, closing stages included, on both clocks. One row a stay.',
  columns: {
    deal_id: { type: 'uuid not null', comment: 'The deal.' },
    visit: { type: 'integer not null', comment: 'Numbers the stays of a deal; in order on each clock.' },
    pipeline_id: { type: 'uuid', comment: 'The pipeline.' },
    stage_id: { type: 'uuid', comment: 'The stage.' },
    entered_position: { type: 'bigint', comment: 'Position that brought it here; null: only on the other clock.' },
    left_position: { type: 'bigint', comment: 'Position that ended the stay; null: it is still here.' },
    entered_recorded_at: { type: 'timestamptz', comment: 'When the server learned that it came here.' },
    left_recorded_at: { type: 'timestamptz', comment: 'When the server learned that it left.' },
    entered_known_at: {
      type: 'timestamptz',
      comment: 'When it came here, as far as was known when that was recorded; null: only on the other clock.',
    },
    left_known_at: { type: 'timestamptz', comment: 'When it left, as far as was known when that was recorded.' },
    entered_at: { type: 'timestamptz', comment: 'When it came here; null: only on the other clock.' },
    left_at: { type: 'timestamptz', comment: 'When it left; null: it is still here.' },
    deleted: { type: 'boolean not null', comment: 'Whether the deal is deleted by now.', internal: true },
  },
  primaryKey: ['deal_id', 'visit'],
  indexes: [],
  shown: 'not deleted',
};

export const sameStage = (one: DealFields, other: DealFields): boolean =>
  one.stageId === other.stageId && one.pipelineId === other.pipelineId;

/** The points at which the deal came into a stage. */
export const arrivals = (points: readonly DealPoint[]): readonly DealPoint[] =>
  points.filter((point, index) => index === 0 || !sameStage(point.moment, (points[index - 1] as DealPoint).moment));

interface Visits {
  readonly dealId: Uuid;
  /** The number of the first stay. */
  readonly first: number;
  readonly deleted: boolean;
}

export const dealStageVisitRows = ({ recorded, occurred }: DealPoints, { dealId, first, deleted }: Visits): Row[] => {
  const learned = arrivals(recorded);
  const happened = recorded === occurred ? learned : arrivals(occurred);
  return spansOf(learned, happened, sameStage).map((span, index) => ({
    deal_id: dealId,
    visit: first + index,
    pipeline_id: span.moment.pipelineId,
    stage_id: span.moment.stageId,
    entered_position: span.fromPosition,
    left_position: span.toPosition,
    entered_recorded_at: span.fromRecordedAt,
    left_recorded_at: span.toRecordedAt,
    entered_known_at: span.fromKnownAt,
    left_known_at: span.toKnownAt,
    entered_at: span.fromAt,
    left_at: span.toAt,
    deleted,
  }));
};
