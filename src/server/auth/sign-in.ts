import { v7 as uuidv7 } from 'uuid';
import type { Uuid } from '../../shared/base/ids.ts';
import type { DeviceInfo, SignedIn, SignInRequest, Tokens } from '../../shared/contract/identity.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Connection } from '../database/workspace-pool.ts';
import { ACCESS_TOKEN_SECONDS } from './access-tokens.ts';
import type { AuthContext } from './context.ts';
import { claimDevice, isDeviceOf } from './devices.ts';
import { findLogin } from './logins.ts';
import { networkOf } from './network.ts';
import { readMe } from './people.ts';
import { formatRefreshToken } from './refresh-tokens.ts';
import { openSession, readLiveSession, type NewSession } from './sessions.ts';
import { inTransaction } from './transaction.ts';

/** The nth pair of tokens of a session. */
export const issueTokens = async (context: AuthContext, session: NewSession, counter: number): Promise<Tokens> => ({
  accessToken: await context.accessTokens.issue({ ...session, refreshCounter: counter }),
  refreshToken: formatRefreshToken(context.keys.refreshKey, { ...session, counter }),
  expiresIn: ACCESS_TOKEN_SECONDS,
});

interface Person {
  readonly workspaceId: Uuid;
  readonly userId: Uuid;
}

/** Notes the device and opens a session on it; `client` is one transaction. */
export const openSessionOn = async (
  client: Connection,
  person: Person,
  device: DeviceInfo | undefined,
): Promise<NewSession> => {
  const deviceId = await claimDevice(client, person, device);
  const session = { workspaceId: person.workspaceId, userId: person.userId, deviceId, sessionId: uuidv7() };
  await openSession(client, session);
  return session;
};

/** What a new session's owner is told. */
export const welcome = async (context: AuthContext, session: NewSession): Promise<SignedIn> => {
  const { user, workspace, deviceId } = await readMe(context.pool, session);
  return { ...(await issueTokens(context, session, 1)), user, workspace, deviceId };
};

// The same words and the same time whether the address is unknown, the password wrong or the user disabled.
const refused = (): Problem => new Problem('unauthenticated', 'The e-mail address or the password is wrong.');

export const signIn = async (
  context: AuthContext,
  { email, password, device }: SignInRequest,
  address: string,
): Promise<SignedIn> => {
  // A phone that signed in before is counted by itself, or whoever guesses passwords could keep its owner out for ever.
  const isOwn = device?.id !== undefined && (await isDeviceOf(context.pool, email, device.id));
  const account = isOwn ? `${email} on ${device.id}` : email;
  const attempt = { account, device: device?.id, address: networkOf(address) };
  const login = await context.throttle.judged(attempt, async () => {
    const found = await findLogin(context.pool, email);
    return (await context.passwords.matches(password, found?.passwordHash)) ? found : undefined;
  });
  if (login === undefined) throw refused();
  const session = await inTransaction(context.pool.for(login.workspaceId), (client) =>
    openSessionOn(client, login, device),
  );
  if ((await readLiveSession(context.pool, session)) === undefined) throw refused();
  return welcome(context, session);
};
