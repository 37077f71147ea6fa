import type { ActivityState } from '../../shared/contract/events/activity.ts';
import type { EventType } from '../../shared/contract/events/registry.ts';
import type { About } from '../../shared/contract/events/shared-state.ts';
import { newId } from '../random.ts';
import { editsOf, readsOf, type Desk } from './desk.ts';
import type { Activities, Activity } from './types.ts';

/** What is appended to a record, which need not be here: it may have been taken away at noon. */
interface Appended {
  readonly about?: (About & { readonly version?: number | undefined }) | undefined;
}

export const activitiesOf = (desk: Desk): Activities => {
  const { act, create } = editsOf<ActivityState>(desk, 'activity');
  /** With the version of the record that its author saw: by that the server judges what he might do. */
  const append = async (type: EventType, data: Appended): Promise<Activity> => {
    const { about } = data;
    const seen = about === undefined ? undefined : (await desk.user()).confirmed.get(about.id)?.version;
    const withVersion =
      about === undefined || seen === undefined ? data : { ...data, about: { version: seen, ...about } };
    return create(type, newId(), withVersion);
  };
  return {
    ...readsOf<ActivityState>(desk, 'activity'),
    schedule: (data) => append('ActivityScheduled', data),
    reschedule: (id, dueAt, reason) => act(id, 'ActivityRescheduled', { dueAt, reason }),
    reassign: (id, ownerId) => act(id, 'ActivityReassigned', { ownerId }),
    complete: (id, data = {}) => act(id, 'ActivityCompleted', data),
    cancel: (id, reason) => act(id, 'ActivityCanceled', { reason }),
    logCall: (data) => append('CallLogged', data),
    logEmail: (data) => append('EmailLogged', data),
    logMeeting: (data) => append('MeetingLogged', data),
    addNote: (data) => append('NoteAdded', data),
    amendNote: (id, body) => act(id, 'NoteAmended', { body }),
    void: async (id, reason) => {
      await act(id, 'ActivityVoided', { reason });
    },
  };
};
