import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Uuid } from '../../shared/base/ids.ts';
import { bytesOfId, idOfBytes } from './id-bytes.ts';

/** What a refresh token stands for: the nth of a session. */
export interface RefreshClaims {
  readonly workspaceId: Uuid;
  readonly sessionId: Uuid;
  readonly counter: number;
}

const PREFIX = 'lzr_';
const CLAIMS_BYTES = 36;
const MAC_BYTES = 32;

const macOf = (key: Buffer, claims: Buffer): Buffer =>
  createHmac('sha256', key).update('leadzen refresh token 1\0').update(claims).digest();

/** Opaque to clients. The same claims always make the same token, so a lost answer can be given again. */
export const formatRefreshToken = (key: Buffer, { workspaceId, sessionId, counter }: RefreshClaims): string => {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(counter);
  const claims = Buffer.concat([bytesOfId(workspaceId), bytesOfId(sessionId), number]);
  return PREFIX + Buffer.concat([claims, macOf(key, claims)]).toString('base64url');
};

/** Undefined for anything that this database's servers did not make. */
export const parseRefreshToken = (key: Buffer, token: string): RefreshClaims | undefined => {
  const bytes = Buffer.from(token.slice(PREFIX.length), 'base64url');
  if (!token.startsWith(PREFIX) || bytes.length !== CLAIMS_BYTES + MAC_BYTES) return undefined;
  const claims = bytes.subarray(0, CLAIMS_BYTES);
  if (!timingSafeEqual(bytes.subarray(CLAIMS_BYTES), macOf(key, claims))) return undefined;
  const ids = [idOfBytes(claims.subarray(0, 16)), idOfBytes(claims.subarray(16, 32))] as const;
  return { workspaceId: ids[0], sessionId: ids[1], counter: claims.readUInt32BE(32) };
};
