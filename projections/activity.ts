import type { Uuid } from '../src/shared/base/ids.ts';
import type { Json, JsonObject } from '../src/shared/base/json.ts';
import { type ActivityState, initialActivity } from '../src/shared/contract/events/activity.ts';
import { eventTypesOf } from '../src/shared/contract/events/registry.ts';
import { activityChange, activityHistoryRows, activityHistoryTable, does } from './activity-history.ts';
import type { Change } from './history.ts';
import { NeedsPast, projection } from './projection.ts';
import {
  copy,
  copyPersonal,
  recordAfter,
  recordBefore,
  type RecordOf,
  rowMaker,
  type RecordTable,
  tableOf,
  writesOf,
} from './record.ts';

const field = copy<ActivityState>;

/** When it took place; null for what is planned, canceled or voided. */
const happenedAt = (activity: RecordOf<ActivityState>): string | null => {
  if (activity.status === 'completed') return activity.completedAt;
  if (activity.status !== 'logged') return null;
  return activity.startedAt ?? activity.sentAt ?? activity.createdAt;
};

/** Visible is what it is about. */
const rootOf = (activity: RecordOf<ActivityState>): Uuid => activity.about?.id ?? activity.id;

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
  rootId: rootOf,
  shown: 'deleted_at is null',
};

const stateColumns = {
  done_by: { type: 'uuid', comment: 'The user who logged or completed it, whoever owns it today.' },
  changes: { type: 'json', comment: 'What its history follows, of planned ones.', internal: true },
} as const;

type State = {
  readonly record: JsonObject;
  readonly position: number;
  readonly done_by: Json;
  /** What the history follows, from the first event on; stored of what was planned, as the rest hardly changes. */
  readonly changes: readonly Json[] | null;
};

const activityOf = (record: JsonObject) => record as unknown as RecordOf<ActivityState>;
const changesOf = (changes: readonly Json[]) => changes as unknown as readonly Change[];

const changesAfter = (state: State | undefined, change: Change | undefined): readonly Json[] | null => {
  if (state === undefined) return change === undefined ? [] : [change];
  if (change === undefined) return state.changes;
  if (state.changes === null) throw new NeedsPast('a change of what was logged');
  return [...state.changes, change];
};

const wasPlanned = (record: JsonObject): boolean => activityOf(record).dueAt !== null;

const makeRow = rowMaker(spec, stateColumns);

/** Activities as they are, and as they were on both clocks. */
export const activity = projection<State>({
  name: 'activity',
  version: 3,
  tables: [tableOf(spec, stateColumns), activityHistoryTable],
  state: ['record', 'position', 'done_by', 'changes'],
  stream: 'activity',
  handles: eventTypesOf('activity'),
  fold: (state, event) => {
    const before = recordBefore(state?.record, event, spec.initial);
    const writes = writesOf(event, before);
    return {
      record: recordAfter(before, event, writes),
      position: event.position,
      done_by: does(event) ? event.actor : (state?.done_by ?? null),
      changes: changesAfter(state, activityChange(event, writes)),
    };
  },
  row: (state) => makeRow({ ...state, changes: wasPlanned(state.record) ? state.changes : null }),
  rows: ({ record, changes }) => {
    const of = activityOf(record);
    return changes === null ? {} : { activity_history: activityHistoryRows(of, rootOf(of), changesOf(changes)) };
  },
});
