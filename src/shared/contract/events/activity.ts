import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import type { Json } from '../../base/json.ts';
import { each, eventsOf, recorded } from './definition.ts';
import * as field from './fields.ts';
import { aboutReference, reference, type About } from './shared-state.ts';

export const PLANNED_KINDS = ['call', 'email', 'meeting', 'task'] as const;
export const DIRECTIONS = ['in', 'out'] as const;

export interface ActivityState {
  readonly kind: (typeof PLANNED_KINDS)[number] | 'note';
  /** What was planned goes scheduled → completed or canceled; what had happened already is logged. */
  readonly status: 'scheduled' | 'completed' | 'canceled' | 'logged' | 'voided';
  readonly about: About | null;
  readonly subject: string | null;
  readonly dueAt: string | null;
  readonly body: string | null;
  readonly direction: (typeof DIRECTIONS)[number] | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly durationSec: number | null;
  readonly sentAt: string | null;
  readonly messageId: string | null;
  readonly attendees: readonly string[];
  readonly location: string | null;
  readonly outcome: string | null;
  readonly note: string | null;
  readonly completedAt: string | null;
  /** Why it was canceled or voided. */
  readonly reason: string | null;
  readonly ownerId: Uuid | null;
  /** Set by ActivityVoided: an activity is appended and corrected, never deleted. */
  readonly deletedAt: string | null;
}

export const initialActivity: ActivityState = {
  kind: 'task',
  status: 'scheduled',
  about: null,
  subject: null,
  dueAt: null,
  body: null,
  direction: null,
  startedAt: null,
  endedAt: null,
  durationSec: null,
  sentAt: null,
  messageId: null,
  attendees: [],
  location: null,
  outcome: null,
  note: null,
  completedAt: null,
  reason: null,
  ownerId: null,
  deletedAt: null,
};

const define = eventsOf<ActivityState>('activity');

/** What the rules add to a logged activity: its author owns it. */
export interface Owned {
  readonly ownerId: Uuid | null;
}

/** The record alone: which version its author saw matters for the judgement, not for the state. */
const aboutValue = (about: About | undefined): Json =>
  about === undefined ? null : { type: about.type, id: about.id };

const logged = (kind: ActivityState['kind'], data: { readonly about: About; readonly ownerId: Uuid | null }) => ({
  kind: { kind },
  about: { about: aboutValue(data.about) },
  progress: { status: 'logged' },
  ownership: { ownerId: data.ownerId },
});

export const activityEvents = {
  ActivityScheduled: define({
    creates: true,
    schema: z.strictObject({
      kind: z.enum(PLANNED_KINDS),
      subject: field.name,
      dueAt: field.instant,
      about: field.absentable(field.about),
      ownerId: z.optional(z.nullable(field.id)),
    }),
    personal: ['subject'],
    references: (data) => [...aboutReference(data), ...reference('user', 'ownerId', data.ownerId)],
    writes: (data) => ({
      ...each(data, ['kind', 'subject', 'dueAt']),
      about: { about: aboutValue(data.about) },
      progress: { status: 'scheduled' },
      ownership: { ownerId: data.ownerId ?? null },
    }),
  }),
  ActivityRescheduled: define({
    schema: z.strictObject({ dueAt: field.instant, reason: field.absentable(field.reason) }),
    writes: (data) => each(data, ['dueAt']),
  }),
  ActivityReassigned: define({
    schema: z.strictObject({ ownerId: z.nullable(field.id) }),
    references: (data) => reference('user', 'ownerId', data.ownerId),
    writes: (data) => ({ ownership: { ownerId: data.ownerId } }),
  }),
  ActivityCompleted: define({
    schema: z.strictObject({
      completedAt: field.absentable(field.instant),
      outcome: field.absentable(field.text(200)),
      note: field.absentable(field.note),
    }),
    recorded: recorded<{ readonly completedAt: string }>(),
    personal: ['note'],
    writes: (data) => ({
      progress: { status: 'completed', completedAt: data.completedAt, outcome: data.outcome ?? null, reason: null },
      ...each(data, ['note']),
    }),
  }),
  ActivityCanceled: define({
    schema: z.strictObject({ reason: field.absentable(field.reason) }),
    writes: (data) => ({
      progress: { status: 'canceled', completedAt: null, outcome: null, reason: data.reason ?? null },
    }),
  }),
  CallLogged: define({
    creates: true,
    schema: z.strictObject({
      about: field.about,
      direction: z.enum(DIRECTIONS),
      startedAt: field.absentable(field.instant),
      durationSec: field.absentable(z.int().check(z.minimum(0), z.maximum(1_000_000))),
      outcome: field.absentable(field.text(200)),
      note: field.absentable(field.note),
    }),
    recorded: recorded<Owned & { readonly startedAt: string }>(),
    personal: ['note'],
    references: aboutReference,
    writes: (data) => ({
      ...logged('call', data),
      ...each(data, ['direction', 'startedAt', 'durationSec', 'outcome', 'note']),
    }),
  }),
  EmailLogged: define({
    creates: true,
    schema: z.strictObject({
      about: field.about,
      direction: z.enum(DIRECTIONS),
      subject: field.absentable(field.text(1000)),
      sentAt: field.absentable(field.instant),
      messageId: field.absentable(field.text(998)),
      note: field.absentable(field.note),
    }),
    recorded: recorded<Owned & { readonly sentAt: string }>(),
    personal: ['subject', 'messageId', 'note'],
    references: aboutReference,
    writes: (data) => ({
      ...logged('email', data),
      ...each(data, ['direction', 'subject', 'sentAt', 'messageId', 'note']),
    }),
  }),
  MeetingLogged: define({
    creates: true,
    schema: z
      .strictObject({
        about: field.about,
        startedAt: field.absentable(field.instant),
        endedAt: field.absentable(field.instant),
        attendees: field.absentable(z.array(field.text(320)).check(z.maxLength(200))),
        location: field.absentable(field.text(500)),
        note: field.absentable(field.note),
      })
      .check(
        z.refine(
          (data) =>
            data.startedAt === undefined ||
            data.endedAt === undefined ||
            Date.parse(data.startedAt) <= Date.parse(data.endedAt),
          'endedAt is before startedAt',
        ),
      ),
    recorded: recorded<Owned & { readonly startedAt: string }>(),
    personal: ['attendees', 'location', 'note'],
    references: aboutReference,
    writes: (data) => ({
      ...logged('meeting', data),
      ...each(data, ['startedAt', 'endedAt', 'attendees', 'location', 'note']),
    }),
  }),
  NoteAdded: define({
    creates: true,
    schema: z.strictObject({ about: field.about, body: field.note }),
    recorded: recorded<Owned>(),
    personal: ['body'],
    references: aboutReference,
    writes: (data) => ({ ...logged('note', data), ...each(data, ['body']) }),
  }),
  NoteAmended: define({
    schema: z.strictObject({ body: field.note }),
    personal: ['body'],
    writes: (data) => each(data, ['body']),
  }),
  ActivityVoided: define({
    schema: z.strictObject({ reason: field.absentable(field.reason) }),
    recorded: recorded<{ readonly deletedAt: string }>(),
    writes: (data) => ({
      progress: { status: 'voided', reason: data.reason ?? null },
      deletion: { deletedAt: data.deletedAt },
    }),
  }),
};
