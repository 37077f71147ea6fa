import type { JsonObject } from '../../shared/base/json.ts';
import { ok, type Result } from '../../shared/base/result.ts';
import { OWNED_TYPES } from '../../shared/contract/streams.ts';
import { quoted, type RowProblem } from './csv-rows.ts';
import type { Fields } from './read-fields.ts';
import { ownerOf, present, refuse, text, type PlannedEvent, type Planner, type RowContext } from './row-plan.ts';

const iso = (fields: Fields, field: string): string | undefined => {
  const time = fields[field];
  return typeof time === 'number' ? new Date(time).toISOString() : undefined;
};
const optional = (field: string, value: string | undefined): JsonObject =>
  value === undefined ? {} : { [field]: value };

/** A note, a call, an e-mail or a meeting that took place; anything with `dueAt`, and every task, is planned. */
export const planActivity: Planner = (fields, context) => {
  const kind = (text(fields, 'kind') ?? 'note').toLowerCase();
  const about = aboutOf(fields, context);
  if (!about.ok) return about;
  const owner = ownerOf(fields, context);
  if (!owner.ok) return owner;
  if (kind === 'task' || fields['dueAt'] !== undefined) {
    const owned = owner.value === undefined ? {} : { ownerId: owner.value };
    return ok({
      streamId: context.recordId,
      events: planned(kind, fields, { ...about.value, ...owned }, context.time),
    });
  }
  const logged = loggedEvent(kind, fields, about.value);
  if (logged === undefined)
    return refuse(context, 'kind', `${quoted(kind)} is not a kind: use note, call, email, meeting or task.`);
  const creation = { label: 'created', ...logged, time: context.time };
  const assigned = typeof owner.value === 'string' ? [reassigned(owner.value, context.time)] : [];
  return ok({ streamId: context.recordId, events: [creation, ...assigned] });
};

const reassigned = (ownerId: string, time: number): PlannedEvent => ({
  label: 'owner',
  type: 'ActivityReassigned',
  data: { ownerId },
  time,
});

const planned = (kind: string, fields: Fields, rest: JsonObject, time: number): PlannedEvent[] => {
  const subject = text(fields, 'subject') ?? text(fields, 'body');
  const data = { kind, ...optional('subject', subject), ...optional('dueAt', iso(fields, 'dueAt')), ...rest };
  const creation: PlannedEvent = { label: 'created', type: 'ActivityScheduled', data, time };
  const completedAt = fields['completedAt'];
  if (typeof completedAt !== 'number') return [creation];
  const done = { completedAt: new Date(completedAt).toISOString(), ...present(fields, ['outcome']) };
  return [creation, { label: 'completed', type: 'ActivityCompleted', data: done, time: Math.max(time, completedAt) }];
};

const loggedEvent = (
  kind: string,
  fields: Fields,
  about: JsonObject,
): Pick<PlannedEvent, 'type' | 'data'> | undefined => {
  const body = text(fields, 'body');
  const startedAt = optional('startedAt', iso(fields, 'createdAt'));
  const direction = { direction: text(fields, 'direction') ?? 'out' };
  switch (kind) {
    case 'note':
      return { type: 'NoteAdded', data: { ...about, ...optional('body', body) } };
    case 'call':
      return {
        type: 'CallLogged',
        data: {
          ...about,
          ...direction,
          ...startedAt,
          ...present(fields, ['durationSec', 'outcome']),
          ...optional('note', body),
        },
      };
    case 'email':
      return {
        type: 'EmailLogged',
        data: {
          ...about,
          ...direction,
          ...present(fields, ['subject']),
          ...optional('sentAt', iso(fields, 'createdAt')),
          ...optional('note', body),
        },
      };
    case 'meeting':
      return {
        type: 'MeetingLogged',
        data: { ...about, ...startedAt, ...optional('endedAt', iso(fields, 'endedAt')), ...optional('note', body) },
      };
    default:
      return undefined;
  }
};

const aboutOf = (fields: Fields, context: RowContext): Result<JsonObject, RowProblem> => {
  const name = text(fields, 'aboutName');
  const id = text(fields, 'aboutId');
  if (name === undefined && id === undefined) return ok({});
  const given = text(fields, 'aboutType')?.toLowerCase();
  const type = OWNED_TYPES.find((candidate) => candidate === given);
  if (type === undefined) return refuse(context, 'aboutType', `aboutType must be one of ${OWNED_TYPES.join(', ')}.`);
  if (id !== undefined) return ok({ about: { type, id } });
  const found = context.directory.record(type, name ?? '');
  return found.ok
    ? ok({ about: { type, id: found.value } })
    : refuse(context, 'aboutName', found.error.message, found.error.code);
};
