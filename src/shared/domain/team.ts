import { err, ok, type Result } from '../base/result.ts';
import { initialTeam, TEAM_MEMBERS_MAX, type teamEvents, type TeamState } from '../contract/events/team.ts';
import { invalidField, type Rejection } from '../contract/rejections.ts';
import type { Decided, Decider, Proposed, RuleContext } from './decider.ts';
import { noCycle } from './parent.ts';

type TeamEvent = keyof typeof teamEvents;

const decide = (
  state: TeamState,
  event: Proposed<TeamEvent>,
  context: RuleContext,
): Result<Decided<TeamEvent>, Rejection> => {
  switch (event.type) {
    case 'TeamMoved': {
      const cycle = noCycle('team', event.data.parentId, context);
      return cycle === undefined ? ok(event) : err(cycle);
    }
    case 'TeamMemberAdded':
      return state.memberIds.length >= TEAM_MEMBERS_MAX
        ? err(invalidField('userId', `a team has at most ${TEAM_MEMBERS_MAX} members`))
        : ok(event);
    case 'TeamDeleted':
      return ok({ type: event.type, data: { ...event.data, deletedAt: context.occurredAt } });
    case 'TeamCreated':
    case 'TeamRenamed':
    case 'TeamMemberRemoved':
      return ok(event);
  }
};

export const team: Decider<TeamState, TeamEvent> = { initialState: initialTeam, decide };
