import { errors, jwtVerify, SignJWT, type JWTHeaderParameters } from 'jose';
import type { webcrypto } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { isUuid, type Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Keys } from './keys.ts';

export const ACCESS_TOKEN_SECONDS = 600;
/** Servers and phones disagree about the time by a little. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** Ours have some 600 characters; what is longer costs no signature check. */
const TOKEN_CHARACTERS_MAX = 2048;
const VERIFIED_MAX = 20_000;

const ISSUER = 'leadzen';
const AUDIENCE = 'leadzen-api';
const TYPE = 'at+jwt';

export interface AccessClaims {
  readonly workspaceId: Uuid;
  readonly userId: Uuid;
  readonly sessionId: Uuid;
  readonly deviceId: Uuid;
  /** Number of the refresh token that was issued along with it. */
  readonly refreshCounter: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

type TokenKeys = Pick<Keys, 'signing'>;

export interface AccessTokens {
  issue(claims: Omit<AccessClaims, 'expiresAt'>): Promise<string>;
  /** @throws Problem unauthenticated */
  verify(token: string): Promise<AccessClaims>;
}

const refused = (): Problem => new Problem('unauthenticated', 'Sign in, or refresh the access token.');

const keyFor = async ({ signing }: TokenKeys, { kid }: JWTHeaderParameters): Promise<webcrypto.CryptoKey> => {
  const key = typeof kid === 'string' ? await signing.verifier(kid) : undefined;
  if (key === undefined) throw new errors.JWSInvalid('unknown key');
  return key;
};

const checks = (now: () => number) => ({
  algorithms: ['EdDSA'],
  issuer: ISSUER,
  audience: AUDIENCE,
  typ: TYPE,
  requiredClaims: ['exp', 'iat', 'sub', 'sid', 'did', 'ws', 'rc', 'jti'],
  maxTokenAge: ACCESS_TOKEN_SECONDS,
  clockTolerance: CLOCK_TOLERANCE_SECONDS,
  currentDate: new Date(now()),
});

const claimsOf = (payload: Readonly<Record<string, unknown>>): AccessClaims => {
  const { ws, sub, sid, did, rc, exp } = payload;
  if (!isUuid(ws) || !isUuid(sub) || !isUuid(sid) || !isUuid(did)) throw refused();
  if (!Number.isSafeInteger(rc)) throw refused();
  const expiresAt = (exp as number) * 1000;
  return { workspaceId: ws, userId: sub, sessionId: sid, deviceId: did, refreshCounter: rc as number, expiresAt };
};

const verifyWith = async (keys: TokenKeys, token: string, now: () => number): Promise<AccessClaims> => {
  if (token.length > TOKEN_CHARACTERS_MAX) throw refused();
  try {
    const { payload } = await jwtVerify(token, (header: JWTHeaderParameters) => keyFor(keys, header), checks(now));
    return claimsOf(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError) throw refused();
    throw error;
  }
};

/**
 * A signature check costs a third of a millisecond, three times what a push may cost in all, so a token is checked once
 * and remembered under its exact text until it expires. The cache decides nothing but that: another spelling of the same
 * token is checked for itself, and whether the session still lives is asked apart.
 */
export const createAccessTokens = (keys: TokenKeys, now: () => number): AccessTokens => {
  const verified = new Map<string, AccessClaims>();
  const remember = (token: string, claims: AccessClaims): void => {
    const [oldest] = verified.keys();
    if (verified.size >= VERIFIED_MAX && oldest !== undefined) verified.delete(oldest);
    verified.set(token, claims);
  };
  return {
    issue: async ({ workspaceId, userId, sessionId, deviceId, refreshCounter }) => {
      const { kid, privateKey } = await keys.signing.signer();
      const issuedAt = Math.floor(now() / 1000);
      return new SignJWT({ ws: workspaceId, sid: sessionId, did: deviceId, rc: refreshCounter })
        .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setJti(uuidv7())
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
        .sign(privateKey);
    },
    verify: async (token) => {
      const known = verified.get(token);
      if (known !== undefined && known.expiresAt > now()) return known;
      verified.delete(token);
      const claims = await verifyWith(keys, token, now);
      remember(token, claims);
      return claims;
    },
  };
};
