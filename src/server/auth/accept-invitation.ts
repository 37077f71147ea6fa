import { SERVER_DEVICE } from '../../shared/base/ids.ts';
import type { SignedIn } from '../../shared/contract/identity.ts';
import type { AcceptRequest } from '../../shared/contract/people.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Principal } from '../access/principal.ts';
import { writeEvents } from '../resources/write-events.ts';
import type { AuthContext } from './context.ts';
import { findInvitation, takeInvitation } from './invitations.ts';
import { setLogin } from './logins.ts';
import { revokeSessionsOf } from './sessions.ts';
import { recordIn } from './set-up-records.ts';
import { openSessionOn, welcome } from './sign-in.ts';
import { inTransaction } from './transaction.ts';

// The same words for a link that was used, is too old, was made void or never was one.
const refused = (): Problem =>
  new Problem('unauthenticated', 'This invitation cannot be used any more. Ask for a new one.');

/** Makes an invited user active; nothing where the user is. @throws Problem unauthenticated for a disabled one */
const activate = async (context: AuthContext, principal: Principal): Promise<{ email: string; position: number }> => {
  const {
    id,
    state,
    version,
    clocks,
    position: present,
  } = await recordIn(context.pool, principal, 'user', principal.userId);
  if (state['status'] === 'deactivated') throw refused();
  const email = (state['email'] as string).toLowerCase();
  if (state['status'] === 'active') return { email, position: present };
  const { position } = await writeEvents(context, principal, async () => [
    { id, type: 'UserActivated', data: {}, basedOn: version, clocks },
  ]);
  return { email, position };
};

/**
 * Sets the password of whom the link is for, and signs in; sessions from before end. The user becomes active first and
 * the link is used up last, so that a crash in between leaves a link that works.
 */
export const acceptInvitation = async (
  context: AuthContext,
  { token, password, device }: AcceptRequest,
): Promise<{ answer: SignedIn; position: number }> => {
  const found = await findInvitation(context.pool, token);
  if (found === undefined) throw refused();
  const passwordHash = await context.passwords.hash(password);
  return context.exclusively(found.workspaceId, async () => {
    // Disabling the user ends its links, and does so one at a time with this.
    if ((await findInvitation(context.pool, token)) === undefined) throw refused();
    const { email, position } = await activate(context, { ...found, deviceId: SERVER_DEVICE, role: 'admin' });
    const { session, ended } = await inTransaction(context.pool.for(found.workspaceId), async (client) => {
      if (!(await takeInvitation(client, found, token))) throw refused();
      if (!(await setLogin(client, email, { ...found, passwordHash }))) {
        throw new Problem('already_exists', 'This e-mail address signs in to another workspace.');
      }
      const before = await revokeSessionsOf(client, found);
      return { session: await openSessionOn(client, found, device), ended: before };
    });
    ended.forEach(context.liveSessions.forget);
    return { answer: await welcome(context, session), position };
  });
};
