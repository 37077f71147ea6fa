import type { Uuid } from '../../shared/base/ids.ts';
import type { Me, SignedIn, SignInRequest, SignUpRequest, Tokens } from '../../shared/contract/identity.ts';
import type { AcceptRequest, PasswordChange } from '../../shared/contract/people.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Role } from '../../shared/contract/events/user.ts';
import type { Principal } from '../access/principal.ts';
import { acceptInvitation } from './accept-invitation.ts';
import type { AccessClaims } from './access-tokens.ts';
import { isApiKey } from './api-key-text.ts';
import { createApiKeys, type ApiKeys } from './api-keys.ts';
import { changePassword } from './change-password.ts';
import { contextOf, type AuthContext, type AuthDependencies } from './context.ts';
import { createDevices, refusalOfSession, type Devices } from './device-registry.ts';
import { readMe } from './people.ts';
import { refresh } from './refresh.ts';
import { readLiveRoles, revokeSession } from './sessions.ts';
import { signIn } from './sign-in.ts';
import type { PublishedKey } from './signing-keys.ts';
import { signUp } from './sign-up.ts';
import { createTeams, type Teams } from './teams.ts';
import { signWipeOrder } from './wipe-orders.ts';
import { createUsers, type Users } from './users.ts';
import { createWorkspaceSettings, type WorkspaceSettings } from './workspace-settings.ts';

/** A principal and the session that speaks for him. */
export interface Session {
  readonly principal: Principal;
  readonly sessionId: Uuid;
  /** When its access token ends; milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly claims: AccessClaims;
  /** Only for a retired device, which is to wipe itself once its outbox is empty: the signed order. */
  readonly wipeOrder?: string;
}

/** Who people are: everything that routes know of identity. Every method throws a Problem for what it refuses. */
export interface Auth {
  /** The session of an `Authorization: Bearer` header. @throws Problem unauthenticated | device_revoked */
  authenticate(header: string | undefined): Promise<Session>;
  /** The session of an access token. @throws Problem unauthenticated | device_revoked */
  authenticateToken(token: string): Promise<Session>;
  /** The roles in force by session id; none of a session that is revoked, out of time, on a revoked device or of a disabled user. */
  liveRoles(sessions: readonly Session[]): Promise<ReadonlyMap<Uuid, Role>>;
  /** @throws Problem already_exists | overloaded */
  signUp(request: SignUpRequest): Promise<{ readonly answer: SignedIn; readonly position: number }>;
  /** @param address of the client. @throws Problem unauthenticated | rate_limited | overloaded */
  signIn(request: SignInRequest, address: string): Promise<SignedIn>;
  /** @throws Problem unauthenticated | device_revoked */
  refresh(refreshToken: string): Promise<Tokens>;
  signOut(session: Session): Promise<void>;
  /** @throws Problem unauthenticated | already_exists | overloaded */
  acceptInvitation(request: AcceptRequest): Promise<{ readonly answer: SignedIn; readonly position: number }>;
  /** Ends all other sessions of the user. @throws Problem forbidden | rate_limited | overloaded */
  changePassword(session: Session, change: PasswordChange): Promise<void>;
  me(session: Session): Promise<Me>;
  readonly users: Users;
  readonly teams: Teams;
  readonly workspace: WorkspaceSettings;
  readonly devices: Devices;
  readonly apiKeys: ApiKeys;
  /** The public keys by which others can check what we sign. */
  publishedKeys(): Promise<PublishedKey[]>;
}

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

const tokenOf = (header: string | undefined): string => {
  const token = header === undefined ? undefined : BEARER.exec(header)?.[1];
  if (token === undefined)
    throw new Problem('unauthenticated', 'Send an access token: Authorization: Bearer <accessToken>.');
  return token;
};

const sessionOfToken = async (context: AuthContext, token: string): Promise<Session> => {
  const claims = isApiKey(token) ? await context.apiKeyClaims(token) : await context.accessTokens.verify(token);
  const live = await context.liveSessions.of(claims);
  if (live === undefined) throw await refusalOfSession(context, claims);
  const { workspaceId, userId, deviceId, sessionId, expiresAt } = claims;
  const session = { principal: { workspaceId, userId, deviceId, role: live.role }, sessionId, expiresAt, claims };
  if (live.wipeNonce === null) return session;
  const order = { workspaceId, deviceId, nonce: live.wipeNonce };
  return { ...session, wipeOrder: await signWipeOrder(context.keys.signing, order, 'flush-then-wipe') };
};

/** Opens nothing and keeps nothing that needs closing. */
export const createAuth = (dependencies: AuthDependencies): Auth => {
  const context = contextOf(dependencies);
  return {
    authenticate: async (header) => sessionOfToken(context, tokenOf(header)),
    authenticateToken: (token) => sessionOfToken(context, token),
    liveRoles: (sessions) =>
      readLiveRoles(
        context.pool,
        sessions.map(({ claims }) => claims),
      ),
    signUp: (request) => signUp(context, request),
    signIn: (request, address) => signIn(context, request, address),
    refresh: (refreshToken) => refresh(context, refreshToken),
    signOut: async ({ claims }) => {
      await revokeSession(context.pool, claims);
      context.liveSessions.forget(claims.sessionId);
    },
    acceptInvitation: (request) => acceptInvitation(context, request),
    changePassword: ({ claims }, change) => changePassword(context, claims, change),
    me: ({ principal }) => readMe(context.pool, principal),
    users: createUsers(context),
    teams: createTeams(context),
    workspace: createWorkspaceSettings(context),
    devices: createDevices(context),
    apiKeys: createApiKeys(context),
    publishedKeys: () => context.keys.signing.published(),
  };
};
