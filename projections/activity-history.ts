import { clockDevice } from '../src/shared/base/hybrid-clock.ts';
import { SERVER_DEVICE, type Uuid } from '../src/shared/base/ids.ts';
import type { JsonObject } from '../src/shared/base/json.ts';
import type { ActivityState } from '../src/shared/contract/events/activity.ts';
import type { Writes } from '../src/shared/contract/events/definition.ts';
import type { EventType } from '../src/shared/contract/events/registry.ts';
import { type Change, changeOf, type Moment, pastOf, sameIn } from './history.ts';
import type { FoldedEvent, Row, Table } from './projection.ts';
import type { RecordOf } from './record.ts';
import { spansOf } from './spans.ts';

/** What the history of an activity follows. */
type ActivityMoment = Moment & {
  readonly status: ActivityState['status'];
  readonly dueAt: string | null;
  readonly completedAt: string | null;
  readonly ownerId: Uuid | null;
  readonly deletedAt: string | null;
  readonly doneBy: Uuid | null;
  readonly donePosition: number | null;
  readonly imported: boolean;
};

/** Before its first event. */
const NO_ACTIVITY: ActivityMoment = {
  status: 'scheduled',
  dueAt: null,
  completedAt: null,
  ownerId: null,
  deletedAt: null,
  doneBy: null,
  donePosition: null,
  imported: false,
};

export const activityHistoryTable: Table = {
  name: 'activity_history',
  comment:
    'What every activity was at any moment, in spans that begin and end with a change, on both clocks; asked like deal_history.',
  columns: {
    activity_id: { type: 'uuid not null', comment: 'The activity.' },
    entry: { type: 'integer not null', comment: 'Numbers the spans of an activity; no more than that.' },
    from_position: {
      type: 'bigint',
      comment: 'Position from which it was recorded so; null: only on the other clock.',
    },
    to_position: { type: 'bigint', comment: 'Position that ended it; null: it still holds.' },
    from_at: { type: 'timestamptz', comment: 'When it came to be so; null: only on the other clock.' },
    to_at: { type: 'timestamptz', comment: 'When that ended; null: it still holds.' },
    kind: { type: 'text not null', comment: 'call, email, meeting, task or note.' },
    direction: { type: 'text', comment: 'Of calls and e-mails that were logged: in or out.' },
    status: { type: 'text not null', comment: 'scheduled, completed, canceled, or logged: it had happened already.' },
    due_at: { type: 'timestamptz', comment: 'When it was due.' },
    done_at: { type: 'timestamptz', comment: 'When it took place; null: it had not.' },
    done_by: { type: 'uuid', comment: 'The user who logged or completed it, whoever owned it later.' },
    done_position: { type: 'bigint', comment: 'The position that recorded that it was done.' },
    imported: {
      type: 'boolean not null',
      comment: 'Whether an import says so: done_by then is who imported the file.',
    },
    duration_sec: { type: 'integer', comment: 'How long the call took, in seconds.' },
    owner_id: { type: 'uuid', comment: 'The user whose activity it was.' },
    about_type: { type: 'text', comment: 'The type of the record it is about.' },
    about_id: { type: 'uuid', comment: 'The record it is about.' },
    root_id: { type: 'uuid not null', comment: 'The record whose scope decides who sees it.', internal: true },
    deleted: { type: 'boolean not null', comment: 'Whether it was voided; false in this view.' },
  },
  primaryKey: ['activity_id', 'entry'],
  indexes: [],
  shown: 'not deleted',
};

const DOING: ReadonlySet<string> = new Set<EventType>([
  'CallLogged',
  'EmailLogged',
  'MeetingLogged',
  'NoteAdded',
  'ActivityCompleted',
]);

/** Whether an event says that the activity was done, and did not lose against a newer change. */
export const does = ({ type, superseded }: FoldedEvent): boolean => DOING.has(type) && !superseded.includes('status');

/** Who did it goes with the status: whatever undoes the one undoes the other. */
export const activityChange = (event: FoldedEvent, writes: Writes): Change | undefined => {
  if (!DOING.has(event.type)) return changeOf(event, writes, NO_ACTIVITY);
  const by: JsonObject = {
    doneBy: event.actor,
    donePosition: event.position,
    imported: clockDevice(event.clock) === SERVER_DEVICE,
  };
  const lost = event.superseded.includes('status') ? Object.keys(by) : [];
  return changeOf(
    { ...event, superseded: [...event.superseded, ...lost] },
    { ...writes, progress: { ...writes['progress'], ...by } },
    NO_ACTIVITY,
  );
};

const doneAt = (moment: ActivityMoment, activity: RecordOf<ActivityState>): string | null => {
  if (moment.status === 'completed') return moment.completedAt;
  return moment.status === 'logged' ? (activity.startedAt ?? activity.sentAt ?? activity.createdAt) : null;
};

const same = sameIn<ActivityMoment>(NO_ACTIVITY);

/** All spans of an activity: nearly all have one or two. */
export const activityHistoryRows = (
  activity: RecordOf<ActivityState>,
  rootId: Uuid,
  changes: readonly Change[],
): Row[] => {
  const { recorded, occurred } = pastOf(changes, activity.createdAt, NO_ACTIVITY);
  return spansOf(recorded, occurred, same).map((span, index) => ({
    activity_id: activity.id,
    entry: index + 1,
    from_position: span.fromPosition,
    to_position: span.toPosition,
    from_at: span.fromAt,
    to_at: span.toAt,
    kind: activity.kind,
    direction: activity.direction,
    status: span.moment.status,
    due_at: span.moment.dueAt,
    done_at: doneAt(span.moment, activity),
    done_by: span.moment.doneBy,
    done_position: span.moment.donePosition,
    imported: span.moment.imported,
    duration_sec: activity.durationSec,
    owner_id: span.moment.ownerId,
    about_type: activity.about?.type ?? null,
    about_id: activity.about?.id ?? null,
    root_id: rootId,
    deleted: span.moment.deletedAt !== null,
  }));
};
