import { initialUser, type UserState } from '../src/shared/contract/events/user.ts';
import { copy, recordProjection, type RecordTable } from './record.ts';

const field = copy<UserState>;

/** Not `user`, which SQL keeps for itself. */
const spec: RecordTable<UserState> = {
  name: 'app_user',
  comment: 'The users of the workspace. One row a user.',
  initial: initialUser,
  columns: {
    name: field('name', 'text', 'The name of the user.'),
    email: field('email', 'text', 'The e-mail address.'),
    role: field('role', 'text not null', 'admin, manager, rep, analyst or auditor.'),
    status: field('status', 'text not null', 'invited, active or deactivated.'),
    team_id: field('teamId', 'uuid', 'The team the user was invited into.'),
  },
  indexes: [],
  search: ({ name, email }) => [name, email],
};

export const appUser = recordProjection('user', 1, spec);
