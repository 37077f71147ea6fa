import type { PasswordChange } from '../../shared/contract/people.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { AccessClaims } from './access-tokens.ts';
import type { AuthContext } from './context.ts';
import { findLoginOf, setPassword } from './logins.ts';
import { revokeSessionsOf } from './sessions.ts';
import { inTransaction } from './transaction.ts';

/** Every other session of the user ends with it: whoever knew the old password is out. */
export const changePassword = async (
  context: AuthContext,
  claims: AccessClaims,
  { currentPassword, newPassword }: PasswordChange,
): Promise<void> => {
  const login = await findLoginOf(context.pool, claims);
  // A stolen phone must not find out the password that its owner uses elsewhere.
  const attempt = { account: login?.email, device: claims.deviceId };
  const matches = await context.throttle.judged(attempt, () =>
    context.passwords.matches(currentPassword, login?.passwordHash),
  );
  if (login === undefined || !matches) {
    throw new Problem('forbidden', 'The current password is wrong.', {
      errors: [{ path: 'currentPassword', message: 'is wrong' }],
    });
  }
  const passwordHash = await context.passwords.hash(newPassword);
  const ended = await inTransaction(context.pool.for(claims.workspaceId), async (client) => {
    await setPassword(client, claims, passwordHash);
    return revokeSessionsOf(client, claims, claims.sessionId);
  });
  ended.forEach(context.liveSessions.forget);
};
