import type { Uuid } from '../src/shared/base/ids.ts';
import type { LeadState } from '../src/shared/contract/events/lead.ts';
import { type Change, type Moment, pastOf, sameIn } from './history.ts';
import type { Row, Table } from './projection.ts';
import type { RecordOf } from './record.ts';
import { spansOf } from './spans.ts';

/** What the history of a lead follows. */
type LeadMoment = Moment & {
  readonly status: LeadState['status'];
  readonly source: string | null;
  readonly ownerId: Uuid | null;
  readonly teamId: Uuid | null;
  readonly convertedAt: string | null;
  readonly dealId: Uuid | null;
  readonly deletedAt: string | null;
};

/** Before its first event. */
export const NO_LEAD: LeadMoment = {
  status: 'new',
  source: null,
  ownerId: null,
  teamId: null,
  convertedAt: null,
  dealId: null,
  deletedAt: null,
};

export const leadHistoryTable: Table = {
  name: 'lead_history',
  comment:
    'What every lead was at any moment, in spans that begin and end with a change, on both clocks; asked like deal_history.',
  columns: {
    lead_id: { type: 'uuid not null', comment: 'The lead.' },
    entry: { type: 'integer not null', comment: 'Numbers the spans of a lead; no more than that.' },
    from_position: {
      type: 'bigint',
      comment: 'Position from which it was recorded so; null: only on the other clock.',
    },
    to_position: { type: 'bigint', comment: 'Position that ended it; null: it still holds.' },
    from_recorded_at: { type: 'timestamptz', comment: 'When the server learned that it came to be so.' },
    to_recorded_at: { type: 'timestamptz', comment: 'When the server learned that it ended; null: it still holds.' },
    from_known_at: {
      type: 'timestamptz',
      comment: 'When it came to be so, as far as was known when that was recorded.',
    },
    from_at: { type: 'timestamptz', comment: 'When it came to be so; null: only on the other clock.' },
    to_at: { type: 'timestamptz', comment: 'When that ended; null: it still holds.' },
    status: { type: 'text not null', comment: 'new, contacted, qualified or unqualified.' },
    source: { type: 'text', comment: 'Where it was said to come from.' },
    owner_id: { type: 'uuid', comment: 'The user who owned it.' },
    team_id: { type: 'uuid', comment: 'The team it belonged to.' },
    converted_at: { type: 'timestamptz', comment: 'When it was converted; null: it was not yet.' },
    deal_id: { type: 'uuid', comment: 'The deal it was converted into.' },
    first_source: { type: 'text', comment: 'Where it came from when it was created, whatever was said later.' },
    created_at: { type: 'timestamptz not null', comment: 'When the lead was created.' },
    deleted: { type: 'boolean not null', comment: 'Whether it was deleted; false in this view.' },
  },
  primaryKey: ['lead_id', 'entry'],
  indexes: [],
  shown: 'not deleted',
};

const same = sameIn<LeadMoment>(NO_LEAD);

/** All spans of a lead: it has few, so that they are told anew with every change. */
export const leadHistoryRows = (
  { id, createdAt }: RecordOf<LeadState>,
  changes: readonly Change[],
  firstSource: string | null,
): Row[] => {
  const { recorded, occurred } = pastOf(changes, createdAt, NO_LEAD);
  return spansOf(recorded, occurred, same).map((span, index) => ({
    lead_id: id,
    entry: index + 1,
    from_position: span.fromPosition,
    to_position: span.toPosition,
    from_recorded_at: span.fromRecordedAt,
    to_recorded_at: span.toRecordedAt,
    from_known_at: span.fromKnownAt,
    from_at: span.fromAt,
    to_at: span.toAt,
    status: span.moment.status,
    source: span.moment.source,
    owner_id: span.moment.ownerId,
    team_id: span.moment.teamId,
    converted_at: span.moment.convertedAt,
    deal_id: span.moment.dealId,
    first_source: firstSource,
    created_at: createdAt,
    deleted: span.moment.deletedAt !== null,
  }));
};
