import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { SignedIn, Tokens } from '../../shared/contract/identity.ts';
import type { FieldError } from '../../shared/contract/rejections.ts';
import { newId } from '../random.ts';
import { Refusal } from '../refusal.ts';
import type { Call, Http, Reply } from '../transport/http.ts';
import type { KeptSession, Secrets } from './secrets.ts';

/** Why a call for somebody could not be made or was not answered. */
export type Failure = 'offline' | 'signed_out' | { readonly revoked: string };

export interface Session {
  current(): KeptSession | null;
  load(): Promise<KeptSession | null>;
  /** @throws Refusal offline | unauthenticated | invalid */
  begin(path: 'sign-up' | 'sign-in', input: { readonly email: string }): Promise<KeptSession>;
  /** A call in the name of this user and nobody else; the access token is refreshed where it has to be. */
  call(userId: Uuid, call: Call): Promise<Reply | Failure>;
  /** The access token, fresh enough to open a connection with. */
  accessToken(): Promise<string | undefined>;
  /** Forgets the tokens; with `identity` also who it was. */
  forget(what: 'tokens' | 'identity'): Promise<void>;
}

interface Parts {
  readonly http: Http;
  readonly secrets: Secrets;
  readonly now: () => number;
  readonly device: { readonly name?: string; readonly platform?: string };
}

/** Refreshing this long before the end spares a refused request; a wrong clock only costs that request. */
const EARLY_MS = 30_000;

export const createSession = ({ http, secrets, now, device }: Parts): Session => {
  let kept: KeptSession | null = null;
  let refreshing: Promise<Failure | undefined> | undefined;

  const keep = async (session: KeptSession | null): Promise<void> => {
    // First the keychain: a token that was used and then lost with the process would end the session.
    await secrets.keepSession(session);
    kept = session;
  };
  const tokensOf = (tokens: Tokens): KeptSession['tokens'] => ({
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    expiresIn: tokens.expiresIn,
    obtainedAt: now(),
  });

  const refresh = async (): Promise<Failure | undefined> => {
    const before = kept;
    if (!before?.tokens) return 'signed_out';
    const reply = await http({ path: '/api/auth/refresh', body: { refreshToken: before.tokens.refreshToken } });
    // Somebody else may have signed in meanwhile: their tokens are not to be touched.
    if (kept !== before) return kept?.tokens ? undefined : 'signed_out';
    if (reply === undefined || (reply.status !== 200 && reply.status !== 401)) return 'offline';
    const revoked = revocation(reply);
    if (revoked !== undefined) return revoked;
    await keep({ ...before, tokens: reply.status === 200 ? tokensOf(reply.body as unknown as Tokens) : null });
    return reply.status === 200 ? undefined : 'signed_out';
  };
  /** One at a time: two would each use a token that only one may use. */
  const refreshOnce = (): Promise<Failure | undefined> =>
    (refreshing ??= refresh().finally(() => (refreshing = undefined)));

  const isOld = ({ obtainedAt, expiresIn }: NonNullable<KeptSession['tokens']>): boolean =>
    now() > obtainedAt + expiresIn * 1000 - EARLY_MS || now() < obtainedAt;

  const call = async (userId: Uuid, what: Call): Promise<Reply | Failure> => {
    if (!kept?.tokens) return 'signed_out';
    if (isOld(kept.tokens)) await refreshOnce();
    for (let again = true; ; again = false) {
      const token = kept?.tokens?.accessToken;
      // Whoever signed in meanwhile must not push what somebody else made.
      if (token === undefined || kept?.user.id !== userId) return 'signed_out';
      const reply = await http({ ...what, token });
      if (reply === undefined) return 'offline';
      if (reply.status !== 401) return reply;
      const revoked = revocation(reply);
      if (revoked !== undefined) return revoked;
      if (!again) return 'signed_out';
      const failure = kept?.tokens?.accessToken === token ? await refreshOnce() : undefined;
      if (failure !== undefined) return failure;
    }
  };

  return {
    current: () => kept,
    load: async () => (kept = await secrets.session()),
    begin: async (path, input) => {
      const own = (await secrets.deviceOf(input.email)) ?? newId();
      // Kept before it is used: an answer that is lost must not leave a second device behind.
      await secrets.keepDevice(input.email, own);
      const reply = await http({ path: `/api/auth/${path}`, body: { ...input, device: { ...device, id: own } } });
      const answer = signedInOf(reply);
      if (answer.deviceId !== own) await secrets.keepDevice(input.email, answer.deviceId);
      const { user, workspace, deviceId } = answer;
      const session: KeptSession = { user, workspace, deviceId, tokens: tokensOf(answer) };
      await keep(session);
      return session;
    },
    call,
    accessToken: async () => {
      if (kept?.tokens && isOld(kept.tokens)) await refreshOnce();
      return kept?.tokens?.accessToken;
    },
    forget: async (what) => keep(what === 'identity' || kept === null ? null : { ...kept, tokens: null }),
  };
};

/** Only an order that comes along makes a 401 more than the end of a session, and it is verified before it is obeyed. */
const revocation = ({ status, body }: Reply): Failure | undefined => {
  const order = body['wipeOrder'];
  return status === 401 && body['code'] === 'device_revoked' && typeof order === 'string'
    ? { revoked: order }
    : undefined;
};

const signedInOf = (reply: Reply | undefined): SignedIn => {
  if (reply === undefined) throw new Refusal('offline', 'The server cannot be reached. Try again when you are online.');
  if (reply.status < 300) return reply.body as unknown as SignedIn;
  throw refusalOfProblem(reply.body, reply.status);
};

/** A request that was refused as a whole, as people can be told. */
const refusalOfProblem = (body: JsonObject, status: number): Refusal => {
  const detail = typeof body['detail'] === 'string' ? body['detail'] : `The server answered ${status}.`;
  const fields = (body['errors'] ?? []) as unknown as readonly FieldError[];
  if (status === 401) return new Refusal('unauthenticated', detail, fields);
  return new Refusal(status < 500 && status !== 429 ? 'invalid' : 'offline', detail, fields);
};
