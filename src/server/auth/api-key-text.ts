import { createHash, randomBytes } from 'node:crypto';
import type { Uuid } from '../../shared/base/ids.ts';
import { bytesOfId, idOfBytes } from './id-bytes.ts';

export interface ApiKey {
  readonly workspaceId: Uuid;
  /** Of the session that it stands for, too. */
  readonly keyId: Uuid;
  readonly secret: Buffer;
}

const PREFIX = 'lzk_';
const SECRET_BYTES = 32;
const KEY = /^lzk_[A-Za-z0-9_-]{86}$/;

export const newApiKeySecret = (): Buffer => randomBytes(SECRET_BYTES);
export const hashOfSecret = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest();

export const isApiKey = (token: string): boolean => token.startsWith(PREFIX);

export const formatApiKey = ({ workspaceId, keyId, secret }: ApiKey): string =>
  PREFIX + Buffer.concat([bytesOfId(workspaceId), bytesOfId(keyId), secret]).toString('base64url');

/** Undefined for what has not the form of a key. */
export const parseApiKey = (text: string): ApiKey | undefined => {
  if (!KEY.test(text)) return undefined;
  const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
  const ids = [idOfBytes(bytes.subarray(0, 16)), idOfBytes(bytes.subarray(16, 32))] as const;
  return { workspaceId: ids[0], keyId: ids[1], secret: bytes.subarray(32) };
};
