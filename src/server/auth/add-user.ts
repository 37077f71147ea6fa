import type { Uuid } from '../../shared/base/ids.ts';
import type { Invitation, NewUser } from '../../shared/contract/people.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Principal } from '../access/principal.ts';
import { takenEmails } from '../log/taken-emails.ts';
import { writeEvents, type StreamDraft } from '../resources/write-events.ts';
import { asServer } from './as-server.ts';
import type { AuthContext } from './context.ts';
import { addInvitation } from './invitations.ts';
import { addLogin, findLogin } from './logins.ts';
import { changedRecord, recordIn, type Changed } from './set-up-records.ts';

export interface Added extends Changed {
  /** Where the user has no password yet. */
  readonly invitation: Invitation | undefined;
}

const taken = (): Problem =>
  new Problem('already_exists', 'There is a user with this e-mail address already.', {
    errors: [{ path: 'email', message: 'is taken' }],
  });

/** The first events of a user; all or nothing. */
const additions = (id: Uuid, { name, email, role, teamId, password }: NewUser): StreamDraft[] => [
  { id, type: 'UserInvited', data: { name, email, role, ...(teamId ? { teamId } : {}) } },
  ...(password === undefined ? [] : [{ id, type: 'UserActivated' as const, basedOn: 1, data: {} }]),
];

const addToTeam = async (
  { pool }: AuthContext,
  principal: Principal,
  userId: Uuid,
  teamId: Uuid,
): Promise<StreamDraft> => {
  const team = await recordIn(pool, principal, 'team', teamId);
  return { id: teamId, type: 'TeamMemberAdded', data: { userId }, basedOn: team.version, clocks: team.clocks };
};

const append = async (context: AuthContext, principal: Principal, id: Uuid, user: NewUser): Promise<number> => {
  const { position } = await writeEvents(context, asServer(principal), async () => [
    ...additions(id, user),
    ...(!user.teamId ? [] : [await addToTeam(context, principal, id, user.teamId)]),
  ]);
  return position;
};

/**
 * The login comes last, as in signing up: a crash in between leaves a user whom an invitation lets in.
 *
 * @throws Problem already_exists | not_found, of the team | overloaded
 */
export const addUser = async (context: AuthContext, principal: Principal, user: NewUser): Promise<Added> => {
  const { pool } = context;
  const { workspaceId } = principal;
  const login = await findLogin(pool, user.email);
  if (login !== undefined || (await takenEmails(pool, workspaceId, [user.email])).size > 0) throw taken();
  const passwordHash = user.password === undefined ? undefined : await context.passwords.hash(user.password);
  const id = context.newId();
  const position = await append(context, principal, id, user);
  const person = { workspaceId, userId: id };
  if (passwordHash !== undefined && !(await addLogin(pool.for(workspaceId), user.email, { ...person, passwordHash })))
    throw taken();
  const invitation = passwordHash === undefined ? await addInvitation(pool.for(workspaceId), person) : undefined;
  return { ...(await changedRecord(pool, principal, { type: 'user', id }, position)), invitation };
};
