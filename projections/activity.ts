import type { Json, JsonObject } from '../src/shared/base/json.ts';
import { type ActivityState, initialActivity } from '../src/shared/contract/events/activity.ts';
import { type EventType, eventTypesOf } from '../src/shared/contract/events/registry.ts';
import { projection } from './projection.ts';
import { copy, copyPersonal, foldRecord, type RecordOf, rowMaker, type RecordTable, tableOf } from './record.ts';

const field = copy<ActivityState>;

/** When it took place; null for what is planned, canceled or voided. */
const happenedAt = (activity: RecordOf<ActivityState>): string | null => {
  if (activity.status === 'completed') return activity.completedAt;
  if (activity.status !== 'logged') return null;
  return activity.startedAt ?? activity.sentAt ?? activity.createdAt;
};

const spec: RecordTable<ActivityState> = {
  name: 'activity',
  comment: 'Calls, e-mails, meetings, notes and tasks, planned and done. One row an activity.',
  initial: initialActivity,
  columns: {
    kind: field('kind', 'text not null', 'call, email, meeting, task or note.'),
    status: field('status', 'text not null', 'scheduled, completed, canceled, or logged: it had happened already.'),
    subject: copyPersonal<ActivityState>('subject', 'text', 'What it is about, in words.'),
    about_type: { type: 'text', comment: 'The type of the record it is about.', value: ({ about }) => about?.type },
    about_id: { type: 'uuid', comment: 'The record it is about.', value: ({ about }) => about?.id },
    direction: field('direction', 'text', 'Of calls and e-mails: in or out.'),
    due_at: field('dueAt', 'timestamptz', 'When it is due.'),
    started_at: field('startedAt', 'timestamptz', 'When the call or meeting began.'),
    ended_at: field('endedAt', 'timestamptz', 'When the meeting ended.'),
    duration_sec: field('durationSec', 'integer', 'How long the call took, in seconds.'),
    completed_at: field('completedAt', 'timestamptz', 'When what was planned was done.'),
    happened_at: { type: 'timestamptz', comment: 'When it took place; null: it has not.', value: happenedAt },
    outcome: field('outcome', 'text', 'What came of it.'),
    reason: field('reason', 'text', 'Why it was canceled.'),
    owner_id: field('ownerId', 'uuid', 'The user whose activity it is.'),
    deleted_at: field('deletedAt', 'timestamptz', 'When it was voided; null in this view.'),
  },
  indexes: ['created_at, id', 'owner_id', 'root_id', 'due_at'],
  search: ({ subject, body, note }) => [subject, body, note],
  rootId: (activity) => activity.about?.id ?? activity.id,
  shown: 'deleted_at is null',
};

const stateColumns = {
  done_by: { type: 'uuid', comment: 'The user who logged or completed it, whoever owns it today.' },
  done_position: { type: 'bigint', comment: 'The position that recorded that it was done; null: it is not.' },
  done_at: {
    type: 'timestamptz',
    comment: 'When that took place, whether it was voided since or not.',
    internal: true,
  },
  voided_position: { type: 'bigint', comment: 'The position that voided it; null in this view.', internal: true },
} as const;

type State = {
  readonly record: JsonObject;
  readonly position: number;
  readonly done_by: Json;
  readonly done_position: Json;
  readonly done_at: Json;
  readonly voided_position: Json;
};

const DOING: ReadonlySet<string> = new Set<EventType>([
  'CallLogged',
  'EmailLogged',
  'MeetingLogged',
  'NoteAdded',
  'ActivityCompleted',
]);

export const activity = projection<State>({
  name: 'activity',
  version: 2,
  tables: [tableOf(spec, stateColumns)],
  state: ['record', 'position', 'done_by', 'done_position', 'done_at', 'voided_position'],
  stream: 'activity',
  handles: eventTypesOf('activity'),
  fold: (state, event) => {
    const does = DOING.has(event.type) && !event.superseded.includes('status');
    const record = foldRecord(state?.record, event, spec.initial);
    return {
      record,
      position: event.position,
      done_by: does ? event.actor : (state?.done_by ?? null),
      done_position: does ? event.position : (state?.done_position ?? null),
      done_at: does ? happenedAt(record as unknown as RecordOf<ActivityState>) : (state?.done_at ?? null),
      voided_position: event.type === 'ActivityVoided' ? event.position : (state?.voided_position ?? null),
    };
  },
  row: rowMaker(spec, stateColumns),
});
