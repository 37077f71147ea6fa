import { clockDevice } from '../base/hybrid-clock.ts';
import { SERVER_DEVICE } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { initialUser, type userEvents, type UserState } from '../contract/events/user.ts';
import { rejection, type Rejection } from '../contract/rejections.ts';
import type { Decided, Decider, Proposed, RuleContext } from './decider.ts';

type UserEvent = keyof typeof userEvents;

/** Whether a user who may do everything could not do so any more after the event. */
const takesAdminAway = (state: UserState, event: Proposed<UserEvent>): boolean => {
  if (state.role !== 'admin' || state.status !== 'active') return false;
  return event.type === 'UserDeactivated' || (event.type === 'RoleChanged' && event.data.role !== 'admin');
};

// A stream knows nothing of the other users, so whether this is the last admin is for the server to see, which does so
// while nobody else can change it. An event from a phone's outbox cannot wait for that.
const decide = (
  state: UserState,
  event: Proposed<UserEvent>,
  { clock }: RuleContext,
): Result<Decided<UserEvent>, Rejection> =>
  takesAdminAway(state, event) && clockDevice(clock) !== SERVER_DEVICE
    ? err(rejection('forbidden', 'an admin’s rights are taken away online only: PATCH /api/users/:id'))
    : ok(event);

/** Who may invite, deactivate and give roles is judged by role (access.ts). */
export const user: Decider<UserState, UserEvent> = { initialState: initialUser, decide };
