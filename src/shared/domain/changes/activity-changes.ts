import type { JsonObject } from '../../base/json.ts';
import type { EventType } from '../../contract/events/registry.ts';
import { draftOf, pick, type EventDraft, type Fields } from './event-draft.ts';

/** The events that a patch of an activity stands for. */
export const activityChanges = (fields: Fields, _state: JsonObject, given: Fields): EventDraft[] => [
  ...draftOf('ActivityRescheduled', fields, ['dueAt']),
  ...draftOf('NoteAmended', fields, ['body']),
  ...ending(fields, given),
  ...draftOf('ActivityReassigned', fields, ['ownerId']),
];

const COMPLETION = ['status', 'completedAt', 'outcome', 'note'];

const ending = (fields: Fields, given: Fields): EventDraft[] => {
  const changes = COMPLETION.some((field) => fields[field] !== undefined);
  if (given['status'] === 'completed' && changes) {
    return [{ type: 'ActivityCompleted', data: pick(given, ['completedAt', 'outcome', 'note']) }];
  }
  return fields['status'] === 'canceled' ? [{ type: 'ActivityCanceled', data: pick(given, ['reason']) }] : [];
};

const LOGGED: Readonly<Record<string, EventType>> = {
  call: 'CallLogged',
  email: 'EmailLogged',
  meeting: 'MeetingLogged',
  note: 'NoteAdded',
};

/** What is due is planned; anything else has happened and is logged. */
export const activityCreation = ({ kind, ...rest }: Fields): EventDraft => {
  const keys = Object.keys(rest);
  const logged = rest['dueAt'] === undefined ? LOGGED[kind as string] : undefined;
  if (logged !== undefined) return { type: logged, data: pick(rest, keys) };
  return { type: 'ActivityScheduled', data: pick({ kind, ...rest }, ['kind', ...keys]) };
};
