import { err, ok, type Result } from '../base/result.ts';
import { initialActivity, type activityEvents, type ActivityState } from '../contract/events/activity.ts';
import { wrongState, type Rejection } from '../contract/rejections.ts';
import type { Decided, Decider, Proposed, RuleContext } from './decider.ts';
import { ownerOf } from './ownership.ts';
import { notInFuture } from './past.ts';

type ActivityEvent = keyof typeof activityEvents;
type Decision = Result<Decided<ActivityEvent>, Rejection>;

const decide = (state: ActivityState, event: Proposed<ActivityEvent>, context: RuleContext): Decision => {
  switch (event.type) {
    case 'ActivityScheduled':
      return ok({ type: event.type, data: { ...event.data, ownerId: ownerOf(event.data, context.actor) } });
    case 'CallLogged':
    case 'EmailLogged':
    case 'MeetingLogged':
    case 'NoteAdded':
      return log(event, context);
    case 'ActivityRescheduled':
    case 'ActivityCanceled':
      return state.status === 'scheduled' || state.status === 'canceled' ? ok(event) : err(notPlanned(state));
    case 'ActivityCompleted':
      return complete(state, event, context);
    case 'NoteAmended':
      return state.kind === 'note' ? ok(event) : err(wrongState(`this activity is a ${state.kind}, not a note`));
    case 'ActivityVoided':
      return ok({ type: event.type, data: { ...event.data, deletedAt: context.occurredAt } });
    case 'ActivityReassigned':
      return ok(event);
  }
};

const notPlanned = (state: ActivityState): Rejection =>
  wrongState(`this activity is ${state.status}: only what is planned can be moved, canceled or completed`);

/** Taken on a canceled activity as well: the phone that completed it may not have heard of the cancelation. */
const complete = (
  state: ActivityState,
  { type, data }: Proposed<'ActivityCompleted'>,
  context: RuleContext,
): Decision => {
  if (state.status === 'logged' || state.status === 'voided') return err(notPlanned(state));
  const future = notInFuture('completedAt', data.completedAt, context.receivedAt);
  if (future !== undefined) return err(future);
  return ok({ type, data: { ...data, completedAt: data.completedAt ?? context.occurredAt } });
};

/** What is logged happened already: its author owns it, and it began when he said or else when he logged it. */
const log = (
  event: Proposed<'CallLogged' | 'EmailLogged' | 'MeetingLogged' | 'NoteAdded'>,
  { actor: ownerId, occurredAt, receivedAt }: RuleContext,
): Decision => {
  if (event.type === 'NoteAdded') return ok({ type: event.type, data: { ...event.data, ownerId } });
  if (event.type === 'EmailLogged') {
    const sentAt = event.data.sentAt ?? occurredAt;
    const future = notInFuture('sentAt', sentAt, receivedAt);
    return future === undefined ? ok({ type: event.type, data: { ...event.data, ownerId, sentAt } }) : err(future);
  }
  const endedAt = event.type === 'MeetingLogged' ? event.data.endedAt : undefined;
  const startedAt = event.data.startedAt ?? endedAt ?? occurredAt;
  const future = notInFuture('startedAt', startedAt, receivedAt) ?? notInFuture('endedAt', endedAt, receivedAt);
  if (future !== undefined) return err(future);
  return event.type === 'CallLogged'
    ? ok({ type: event.type, data: { ...event.data, ownerId, startedAt } })
    : ok({ type: event.type, data: { ...event.data, ownerId, startedAt } });
};

export const activity: Decider<ActivityState, ActivityEvent> = { initialState: initialActivity, decide };
