import { must } from '../shared/base/assert.ts';
import type { LeadZen, SessionView, SignInInput } from './api.ts';
import type { Engine } from './engine.ts';
import type { KeptSession } from './session/secrets.ts';

const viewOf = (kept: KeptSession | null): SessionView | null =>
  kept === null
    ? null
    : { user: kept.user, workspace: kept.workspace, deviceId: kept.deviceId, live: kept.tokens !== null };

/** Coming and going. */
export const sessionCallsOf = ({
  session,
  lifecycle,
  syncer,
  idle,
}: Engine): Pick<LeadZen, 'signUp' | 'signIn' | 'signOut' | 'session'> => {
  const signedIn = async (path: 'sign-up' | 'sign-in', input: SignInInput): Promise<SessionView> => {
    await lifecycle.begin(path, input);
    idle.used();
    return must(viewOf(session.current()) ?? undefined, 'a session after signing in');
  };
  return {
    signUp: (input) => signedIn('sign-up', input),
    signIn: (input) => signedIn('sign-in', input),
    signOut: async ({ pending = 'send' } = {}) => {
      if (pending === 'send') await syncer.sync();
      await syncer.quiet();
      const kept = session.current();
      // Where the server cannot be told, the tokens are forgotten all the same and expire by themselves.
      if (kept?.tokens) await session.call(kept.user.id, { path: '/api/auth/sign-out' });
      return lifecycle.leave(pending === 'discard' ? 'discard' : 'keep');
    },
    session: async () => {
      await lifecycle.settled();
      return viewOf(session.current());
    },
  };
};
